begin;

do $$
begin
    assert has_function_privilege('penstock_agent', 'penstock.long_calls_prune()', 'execute');
end
$$;

rollback;
