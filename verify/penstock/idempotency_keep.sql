begin;

do $$
begin
    assert has_function_privilege('member', 'penstock.idempotency_keep(text, text, uuid, integer, text)', 'execute');
end
$$;

rollback;
