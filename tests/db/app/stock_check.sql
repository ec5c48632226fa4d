begin;

\ir ../house/personas.psql

select plan(5);

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

create function pg_temp.checked(cart text) returns text language sql as
    $$select pg_temp.refusal(format('select app.stock_check(%L)', checked.cart))$$;

select is(pg_temp.checked(format('{"(1,%s,10,)"}', :lantern)), 'not refused', 'all there is');
select is(pg_temp.checked(format('{"(1,%s,11,)"}', :lantern)), 'PT409 orders_stock_suffices: Only 10 of "Lantern" are left.', 'more than there is');
select is(pg_temp.checked(format('{"(1,%s,1,)"}', :xylophone)), 'PT409 orders_product_is_for_sale: Product ' || :xylophone || ' is not for sale.', 'not for sale');
select is(pg_temp.checked(format('{"(1,%s,1,)","(2,%s,4,)","(3,%s,11,)"}', :candle, :matches, :lantern)),
    'PT409 orders_stock_suffices: Only 3 of "Matches" are left.', 'the first line at fault is told');

select is(pg_temp.callers('app.stock_check(app.cart_line[])'), null, 'no caller''s');

select * from finish();

rollback;
