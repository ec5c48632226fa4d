begin;

drop function api.product_update(bigint, integer, app.sku, app.product_name, app.description, app.money, app.stock, boolean);

commit;
