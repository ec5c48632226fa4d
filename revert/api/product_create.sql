begin;

drop function api.product_create(app.sku, app.product_name, app.money, app.description, app.stock, boolean);

commit;
