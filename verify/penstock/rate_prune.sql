begin;

do $$
begin
    assert has_function_privilege('penstock_agent', 'penstock.rate_prune()', 'execute');
end
$$;

rollback;
