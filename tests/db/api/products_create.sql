begin;

\ir ../house/personas.psql
\ir ../house/bulk.psql

select plan(5);

-- Signature
select function_returns('api', 'products_create', '{}'::name[], 'void');

-- Behaviour
select pg_temp.stage('api.product_row', '[
    {"sku": "A", "name": "Lamp", "price": 5},
    {"sku": "B", "name": "Bowl", "price": 3, "description": "Blue", "stock": 7, "is_active": false},
    {"sku": "A", "name": "Again", "price": 5},
    {"sku": "C", "name": "Taken", "price": 5}
]');
insert into app.products (sku, name, price) values ('C', 'There', 1);
select pg_temp.be('staff', :sam);
select lives_ok('select api.products_create()', 'enters what is new');
select results_eq(
    'select sku::text, name::text, price::numeric, description::text, stock::integer, is_active from app.products order by sku',
    $$values
        ('A', 'Lamp', 5.00, '', 0, true),
        ('B', 'Bowl', 3.00, 'Blue', 7, false),
        ('C', 'There', 1.00, '', 0, true)$$,
    'with what a product has if nothing else is said; the first of a SKU counts'
);
select results_eq(
    'select pg_temp.rejected()',
    array['4 sku: An earlier line has this SKU.', '5 sku: Another product has this SKU.'],
    'and says what it did not'
);

-- Permission
select is(pg_temp.callers('api.products_create()'), 'staff, admin', 'staff');

select * from finish();

rollback;
