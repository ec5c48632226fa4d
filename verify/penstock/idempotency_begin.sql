begin;

do $$
begin
    assert has_function_privilege('member', 'penstock.idempotency_begin(text, text, integer)', 'execute');
end
$$;

rollback;
