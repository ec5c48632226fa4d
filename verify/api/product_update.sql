begin;

do $$
begin
    assert pg_catalog.has_function_privilege('staff', 'api.product_update(bigint, integer, app.sku, app.product_name, app.description, app.money, app.stock, boolean)', 'execute');
    assert not pg_catalog.has_function_privilege('anon', 'api.product_update(bigint, integer, app.sku, app.product_name, app.description, app.money, app.stock, boolean)', 'execute');
end
$$;

rollback;
