begin;

do $$
begin
    assert has_function_privilege('penstock_agent', 'penstock.deliveries_take(integer, interval, text[])', 'execute');
end
$$;

rollback;
