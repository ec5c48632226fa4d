begin;

\ir ../house/personas.psql

select plan(6);

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

select is(
    (select string_agg(t::text, ' ' order by t.line_no) from unnest(app.stock_take(format('{"(1,%s,3,)","(2,%s,2,)"}', :matches, :lantern)::app.cart_line[])) as t),
    format('(1,%s,3,0.50) (2,%s,2,5.00)', :matches, :lantern), 'the cart comes back with today''s prices'
);
select results_eq(
    'select sku::text, stock::integer from app.products order by sku', $$values ('C1', 100), ('L1', 8), ('M1', 0), ('X1', 1)$$, 'and the stock is less by it'
);
select is(pg_temp.refusal(format('select app.stock_take(''{"(1,%s,1,)","(2,%s,1,)"}'')', :lantern, :matches)),
    'PT409 orders_stock_suffices: "Matches" is sold out.', 'too little for one line');
select is((select p.stock::integer from app.products as p where p.id = :lantern), 8, 'takes nothing for the others');

select is(pg_temp.callers('app.stock_take(app.cart_line[])'), null, 'no caller''s: they could empty the shelves');
select function_privs_are('app', 'stock_take', array['app.cart_line[]'], 'penstock_clerk', array['EXECUTE']);

select * from finish();

rollback;
