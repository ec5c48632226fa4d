begin;

\ir ../house/personas.psql

select plan(10);

-- Signature
select volatility_is('api', 'product_create', array['app.sku', 'app.product_name', 'app.money', 'app.description', 'app.stock', 'boolean'], 'volatile');

-- Behaviour
select pg_temp.be('staff', :sam);
select is(
    (select (p.sku, p.name, p.description, p.price, p.stock, p.is_active, p.version)::text from api.product_create('L1', 'Lantern', 5) as p),
    '(L1,Lantern,"",5.00,0,t,1)', 'a product with what a product has if nothing else is said'
);
select is((select p.is_active from api.product_create('L2', 'Lantern', 5, 'Red', 7, false) as p), false, 'staff see what they enter, for sale or not');

-- Errors
select throws_ok($$select api.product_create('L1', 'Lantern', 5)$$,
    '23505', 'duplicate key value violates unique constraint "products_sku_unique"', 'one SKU, one product');
select is(pg_temp.refusal($$select api.product_create('L3', 'Lantern', -1)$$),
    '23514 money_not_negative: value for domain app.money violates check constraint "money_not_negative"', 'nothing costs less than nothing');
select throws_ok($$select api.product_create('L3', 'Lantern', 'NaN')$$, '23514', null, 'a price is a number');
select throws_ok($$select api.product_create('L3', '  ', 5)$$, '23514', null, 'a product has a name');
select throws_ok($$select api.product_create('L3', 'Lantern', 5, stock => -1)$$, '23514', null, 'no stock is negative');
select throws_ok($$select api.product_create(null, 'Lantern', 5)$$, '23502', null, 'a product has an SKU');

-- Permission
select is(pg_temp.callers('api.product_create(app.sku, app.product_name, app.money, app.description, app.stock, boolean)'), 'staff, admin', 'staff');

select * from finish();

rollback;
