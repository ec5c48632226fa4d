begin;

do $$
begin
    assert has_function_privilege('member', 'penstock.idempotency_find(text, text)', 'execute');
end
$$;

rollback;
