begin;

do $$
begin
    assert pg_catalog.has_function_privilege('member', 'api.orders_place()', 'execute');
    assert not pg_catalog.has_function_privilege('anon', 'api.orders_place()', 'execute');
end
$$;

rollback;
