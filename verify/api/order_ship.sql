begin;

do $$
begin
    assert pg_catalog.has_function_privilege('staff', 'api.order_ship(bigint)', 'execute');
    assert not pg_catalog.has_function_privilege('anon', 'api.order_ship(bigint)', 'execute');
end
$$;

rollback;
