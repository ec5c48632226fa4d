begin;

\ir ../house/personas.psql
\ir ../house/bulk.psql

select plan(9);

-- Signature
select volatility_is('api', 'orders_place', '{}'::name[], 'volatile');

-- Behaviour
insert into app.products (sku, name, price, stock, is_active)
values ('A', 'Lamp', 5, 10, true), ('B', 'Bowl', 3, 10, true), ('C', 'Cup', 1, 10, false);
select
    max(p.id) filter (where p.sku = 'A') as a, max(p.id) filter (where p.sku = 'B') as b,
    max(p.id) filter (where p.sku = 'C') as c
from app.products as p
\gset
select pg_temp.stage('api.order_row', jsonb_build_array(
    jsonb_build_object('order_no', 'x', 'product_id', :b, 'quantity', 1, 'country', 'France'),
    jsonb_build_object('order_no', 'y', 'product_id', :a, 'quantity', 4, 'country', 'Spain'),
    jsonb_build_object('order_no', 'x', 'product_id', :a, 'quantity', 2, 'country', 'France'),
    jsonb_build_object('order_no', 'x', 'product_id', :b, 'quantity', 2, 'country', 'France'),
    jsonb_build_object('order_no', 'off', 'product_id', :c, 'quantity', 1, 'country', 'France'),
    jsonb_build_object('order_no', 'off', 'product_id', :b, 'quantity', 1, 'country', 'France'),
    jsonb_build_object('order_no', 'no', 'product_id', 0, 'quantity', 1, 'country', 'France'),
    jsonb_build_object('order_no', 'two', 'product_id', :b, 'quantity', 1, 'country', 'France'),
    jsonb_build_object('order_no', 'two', 'product_id', :b, 'quantity', 1, 'country', 'Spain'),
    jsonb_build_object('order_no', 'many', 'product_id', :a, 'quantity', 5, 'country', 'France')
));
select pg_temp.be('member', :ada);
select results_eq(
    'select order_no, total::numeric from api.orders_place()',
    $$values ('x', 19.00), ('y', 20.00)$$,
    'places whole orders, in the order of the sheet'
);
select results_eq(
    'select o.country::text, l.line_no, p.sku::text, l.quantity::integer, l.unit_price::numeric
    from app.orders as o join app.order_lines as l on l.order_id = o.id join app.products as p on p.id = l.product_id
    order by o.id, l.line_no',
    $$values ('France', 1, 'B', 3, 3.00), ('France', 2, 'A', 2, 5.00), ('Spain', 1, 'A', 4, 5.00)$$,
    'lines with the same product are one'
);
select results_eq('select pg_temp.rejected()',
    array[
        '6 product_id: Product ' || :c || ' is not for sale.',
        '7 order_no: Another line of this order was rejected.',
        '8 product_id: Product 0 is not for sale.',
        '9 order_no: Another line of this order was rejected.',
        '10 country: An earlier line of this order goes to another country.',
        '11 quantity: There are only 10 of "Lamp" for all the orders of this sheet.'
    ],
    'and says why it left the others'
);
reset role;
select results_eq('select stock::integer from app.products order by sku', array[4, 7, 10], 'takes the stock of those it placed');
select results_eq('select distinct user_id from app.orders', array[:ada::bigint], 'for the caller');

-- A line that could not be read takes its order with it.
select pg_temp.stage('api.order_row', jsonb_build_array(
    jsonb_build_object('order_no', 'z', 'product_id', :b, 'quantity', 1, 'country', 'France'),
    jsonb_build_object('order_no', 'z', 'product_id', :a, 'quantity', 1, 'country', 'France')
));
delete from pg_temp.bulk_rows where line = 3;
insert into pg_temp.bulk_rejects values (3, 'quantity', 'quantity is no valid quantity.');
select pg_temp.be('member', :ada);
select is_empty('select api.orders_place()', 'no order is placed in part');

-- Errors
reset role;
update app.users set is_active = false where id = :ada;
select pg_temp.be('member', :ada);
select throws_ok('select api.orders_place()', '42501', null, 'who is not active can''t order');

-- Permission
select is(pg_temp.callers('api.orders_place()'), 'member, staff, admin', 'whoever is logged in');

select * from finish();

rollback;
