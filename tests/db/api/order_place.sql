begin;

\ir ../house/personas.psql

select plan(26);

-- Signature
select volatility_is('api', 'order_place', array['api.order_line_input[]', 'app.country'], 'volatile');
select is_definer('api', 'order_place', array['api.order_line_input[]', 'app.country']);
select function_owner_is('api', 'order_place', array['api.order_line_input[]', 'app.country'], 'penstock_clerk');

-- Behaviour
-- Three products for sale and one that is not.
insert into app.products (sku, name, description, price, stock, is_active, created_at)
values
    ('L1', 'Lantern', 'Made of glass', 5.00, 10, true, '2024-01-01'),
    ('C1', 'Candle', 'Burns in a lantern', 1.50, 100, true, '2024-01-03'),
    ('M1', 'Matches', '', 0.50, 3, true, '2024-01-02'),
    ('X1', 'Xylophone', 'A lantern of sound', 50.00, 1, false, '2024-01-04');
select
    max(p.id) filter (where p.sku = 'L1') as lantern,
    max(p.id) filter (where p.sku = 'C1') as candle,
    max(p.id) filter (where p.sku = 'M1') as matches,
    max(p.id) filter (where p.sku = 'X1') as xylophone
from app.products as p
\gset

create function pg_temp.place(cart text, country text default 'France')
    returns bigint
    language sql
as $$
    -- A cart is written as product:quantity, product:quantity …
    select o.id
    from api.order_place(
        array(
            select row(split_part(l, ':', 1)::bigint, split_part(l, ':', 2)::integer)::api.order_line_input
            from unnest(string_to_array(place.cart, ', ')) as l
        ),
        place.country
    ) as o
$$;

select pg_temp.be('member', :ada);
select is(
    (select (o.user_id, o.status, o.country, o.total, cardinality(o.lines))::text
    from api.order_place(array[row(:candle, 2), row(:lantern, 1)]::api.order_line_input[], 'France') as o),
    '(' || :ada || ',placed,France,8.00,2)', 'an order of the caller''s, at today''s prices'
);
select results_eq(
    'select sku::text, stock::integer from api.product_list()', $$values ('C1', 98), ('L1', 9), ('M1', 3)$$, 'the stock is taken'
);
select is(
    (select array_agg((l.line_no, l.sku, l.quantity, l.unit_price, l.amount)::text order by l.line_no)
    from api.order_place(
        array[row(:lantern, 1), row(:candle, 1), row(:lantern, 2)]::api.order_line_input[], 'France'
    ) as o cross join unnest(o.lines) as l),
    array['(1,L1,3,5.00,15.00)', '(2,C1,1,1.50,1.50)'], 'lines with the same product become one'
);

-- Errors: each leaves everything as it was.
select is(pg_temp.refusal(format('select pg_temp.place(''%s:1, %s:7'')', :candle, :lantern)),
    'PT409 orders_stock_suffices: Only 6 of "Lantern" are left.', 'too little for one line');
select is(pg_temp.refusal(format('select pg_temp.place(''%s:4, %s:3'')', :lantern, :lantern)),
    'PT409 orders_stock_suffices: Only 6 of "Lantern" are left.', 'nor by halves');
select is(pg_temp.refusal(format('select pg_temp.place(''%s:1, %s:1'')', :candle, :xylophone)),
    'PT409 orders_product_is_for_sale: Product ' || :xylophone || ' is not for sale.', 'what is not for sale');
select is(pg_temp.refusal('select pg_temp.place(''-1:1'')'),
    'PT409 orders_product_is_for_sale: Product -1 is not for sale.', 'what there is not');
select is(pg_temp.refusal('select api.order_place(''{}'', ''France'')'),
    'PT422 orders_cart_not_empty: The cart is empty: an order has at least one line.', 'nothing');
select throws_ok('select api.order_place(null, ''France'')', 'PT422', null, 'nothing at all');
select is(pg_temp.refusal(format('select api.order_place(array[row(%s, null)]::api.order_line_input[], ''France'')', :candle)),
    'PT422 orders_line_complete: Each line of the cart needs a product_id and a quantity.', 'a line without a quantity');
select throws_ok('select api.order_place(array[null]::api.order_line_input[], ''France'')', 'PT422', null, 'no line at all');
select throws_ok(format('select pg_temp.place(''%s:0'')', :candle), '23514', null, 'none of a product');
select throws_ok(format('select pg_temp.place(''%s:-1'')', :candle), '23514', null, 'less than none');
select throws_ok(format('select pg_temp.place(''%s:1'', '''')', :candle), '23514', null, 'to nowhere');
select throws_ok(format('select pg_temp.place(''%s:1'', null)', :candle), '23502', null, 'to nowhere at all');
select is(pg_temp.refusal(format('select api.order_place(array_fill(row(%s, 1)::api.order_line_input, array[101]), ''France'')', :candle)),
    'PT422 orders_cart_in_range: The cart is too long: an order has at most 100 lines.', 'more lines than an order has');
select results_eq(
    'select sku::text, stock::integer from api.product_list()', $$values ('C1', 97), ('L1', 6), ('M1', 3)$$, 'no refused order took anything'
);

select lives_ok(format('select pg_temp.place(''%s:6'')', :lantern), 'the last ones');
select is(pg_temp.refusal(format('select pg_temp.place(''%s:1'')', :lantern)), 'PT409 orders_stock_suffices: "Lantern" is sold out.', 'and no more');

reset role;
update app.products set price = 9999999999 where sku = 'C1';
update app.users set is_active = false where id = :bob;
select pg_temp.be('member', :ada);
select is(pg_temp.refusal(format('select pg_temp.place(''%s:2'')', :candle)),
    'PT422 orders_total_in_range: The total of an order is at most 9,999,999,999.99.', 'more money than there is');
select pg_temp.be('member', :bob);
select is(pg_temp.refusal(format('select pg_temp.place(''%s:1'')', :matches)),
    '42501 orders_customer_is_active: Your account is not active, so you can''t order.', 'by who is no longer a customer');
select pg_temp.be('member', 999999999);
select throws_ok(format('select pg_temp.place(''%s:1'')', :matches), '42501', null, 'by a token whose user is gone');

-- Permission
select is(pg_temp.callers('api.order_place(api.order_line_input[], app.country)'), 'member, staff, admin', 'not anon');

select * from finish();

rollback;
