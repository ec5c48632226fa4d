begin;

do $$
begin
    assert has_function_privilege('penstock_agent', 'penstock.deliveries_done(bigint[], text[])', 'execute');
end
$$;

rollback;
