begin;

do $$
begin
    assert pg_catalog.has_function_privilege('staff', 'api.product_create(app.sku, app.product_name, app.money, app.description, app.stock, boolean)', 'execute');
    assert not pg_catalog.has_function_privilege('anon', 'api.product_create(app.sku, app.product_name, app.money, app.description, app.stock, boolean)', 'execute');
end
$$;

rollback;
