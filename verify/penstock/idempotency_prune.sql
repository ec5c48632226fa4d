begin;

do $$
begin
    assert has_function_privilege('penstock_agent', 'penstock.idempotency_prune()', 'execute');
end
$$;

rollback;
