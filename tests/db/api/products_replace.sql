begin;

\ir ../house/personas.psql
\ir ../house/bulk.psql

select plan(6);

-- Signature
select function_returns('api', 'products_replace', '{}'::name[], 'void');

-- Behaviour
insert into app.products (sku, name, price, stock) values ('A', 'Lamp', 5, 7), ('B', 'Bowl', 3, 7);
select pg_temp.stage('api.product_row', '[
    {"sku": "A", "name": "Lamp", "price": 5, "stock": 7},
    {"sku": "B", "name": "Basin", "price": 4},
    {"sku": "C", "name": "Cup", "price": 1},
    {"sku": "C", "name": "Again", "price": 1}
]');
select pg_temp.be('staff', :sam);
select lives_ok('select api.products_replace()', 'enters and replaces');
select results_eq(
    'select sku::text, name::text, stock::integer from app.products order by sku',
    $$values ('A', 'Lamp', 7), ('B', 'Basin', 0), ('C', 'Cup', 0)$$,
    'whole products'
);
select results_eq(
    'select version from app.products order by sku', array[1, 2, 1], 'what is the same stays untouched'
);
select results_eq('select pg_temp.rejected()', array['5 sku: An earlier line has this SKU.'], 'a SKU counts once');

-- Permission
select is(pg_temp.callers('api.products_replace()'), 'staff, admin', 'staff');

select * from finish();

rollback;
