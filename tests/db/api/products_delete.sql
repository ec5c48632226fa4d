begin;

\ir ../house/personas.psql
\ir ../house/bulk.psql

select plan(5);

-- Signature
select function_returns('api', 'products_delete', '{}'::name[], 'void');

-- Behaviour
insert into app.products (sku, name, price, stock) values ('A', 'Lamp', 5, 7), ('B', 'Bowl', 3, 7), ('C', 'Cup', 1, 7);
with placed as (
    insert into app.orders (user_id, country, total) values (:ada, 'France', 3) returning id
)
insert into app.order_lines (order_id, line_no, product_id, quantity, unit_price)
select o.id, 1, p.id, 1, 3 from placed as o, app.products as p where p.sku = 'B';
select pg_temp.stage('api.product_id_row', (
    select jsonb_agg(jsonb_build_object('product_id', i.id) order by i.nth)
    from (
        select p.id, p.sku::text as nth from app.products as p where p.sku <> 'C'
        union all select p.id, 'X' from app.products as p where p.sku = 'A'
        union all select 0, 'Y'
    ) as i
));
select pg_temp.be('staff', :sam);
select lives_ok('select api.products_delete()', 'deletes products');
select results_eq('select sku::text from app.products order by sku', array['B', 'C'], 'those that nobody ordered');
select results_eq(
    'select pg_temp.rejected()',
    array[
        '3 product_id: This product has been ordered, so it must be kept: make it inactive instead.',
        '4 product_id: An earlier line has this product.',
        '5 product_id: There is no such product.'
    ],
    'and says why it left the others'
);

-- Permission
select is(pg_temp.callers('api.products_delete()'), 'staff, admin', 'staff');

select * from finish();

rollback;
