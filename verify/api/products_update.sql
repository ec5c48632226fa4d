begin;

do $$
begin
    assert pg_catalog.has_function_privilege('admin', 'api.products_update()', 'execute');
    assert not pg_catalog.has_function_privilege('anon', 'api.products_update()', 'execute');
end
$$;

rollback;
