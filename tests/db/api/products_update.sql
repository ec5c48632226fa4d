begin;

\ir ../house/personas.psql
\ir ../house/bulk.psql

select plan(5);

-- Signature
select function_returns('api', 'products_update', '{}'::name[], 'void');

-- Behaviour
insert into app.products (sku, name, price, stock) values ('A', 'Lamp', 5, 7), ('B', 'Bowl', 3, 7), ('C', 'Cup', 1, 7), ('D', 'Dish', 1, 7);
select
    max(p.id) filter (where p.sku = 'A') as a, max(p.id) filter (where p.sku = 'B') as b,
    max(p.id) filter (where p.sku = 'C') as c, max(p.id) filter (where p.sku = 'D') as d
from app.products as p
\gset
select pg_temp.stage('api.product_change_row', jsonb_build_array(
    jsonb_build_object('product_id', :a, 'price', 6, 'version', 1),
    jsonb_build_object('product_id', :b, 'price', 6, 'version', 2),
    jsonb_build_object('product_id', :c, 'sku', 'D'),
    jsonb_build_object('product_id', :a, 'price', 7),
    jsonb_build_object('product_id', 0, 'price', 7),
    jsonb_build_object('product_id', :d, 'name', 'Deep dish')
));
select pg_temp.be('staff', :sam);
select lives_ok('select api.products_update()', 'changes products');
select results_eq(
    'select sku::text, name::text, price::numeric, stock::integer from app.products order by sku',
    $$values ('A', 'Lamp', 6.00, 7), ('B', 'Bowl', 3.00, 7), ('C', 'Cup', 1.00, 7), ('D', 'Deep dish', 1.00, 7)$$,
    'what is left out stays'
);
select results_eq(
    'select pg_temp.rejected()',
    array[
        '3 version: The product has changed since version 2: read it again.',
        '4 sku: Another product has this SKU.',
        '5 product_id: An earlier line has this product.',
        '6 product_id: There is no such product.'
    ],
    'and says why it left the others'
);

-- Permission
select is(pg_temp.callers('api.products_update()'), 'staff, admin', 'staff');

select * from finish();

rollback;
