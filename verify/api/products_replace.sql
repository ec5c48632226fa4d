begin;

do $$
begin
    assert pg_catalog.has_function_privilege('admin', 'api.products_replace()', 'execute');
    assert not pg_catalog.has_function_privilege('anon', 'api.products_replace()', 'execute');
end
$$;

rollback;
