begin;

\ir ../house/personas.psql

select plan(10);

-- Signature
select volatility_is('api', 'order_cancel', array['bigint'], 'volatile');

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

-- ada orders two lanterns and a candle; bob one lantern.
select pg_temp.be('member', :ada);
select o.id as hers
from api.order_place(array[row(:lantern, 2), row(:candle, 1)]::api.order_line_input[], 'France') as o
\gset
select pg_temp.be('member', :bob);
select o.id as his
from api.order_place(array[row(:lantern, 1)]::api.order_line_input[], 'Spain') as o
\gset

select pg_temp.be('member', :ada);
select is((select o.status::text from api.order_cancel(:hers) as o), 'cancelled', 'members cancel their own');
select results_eq(
    'select sku::text, stock::integer from api.product_list()', $$values ('C1', 100), ('L1', 9), ('M1', 3)$$, 'the stock is given back'
);
select is(pg_temp.refusal(format('select api.order_cancel(%s)', :hers)),
    'PT409 orders_status_moves_forward: Order ' || :hers || ' is cancelled already.', 'once');
select is((select p.stock::integer from api.product_get(:lantern) as p), 9, 'and the stock too');

-- Errors
select is(pg_temp.refusal(format('select api.order_cancel(%s)', :his)), 'P0002: There is no order ' || :his || '.', 'nobody else''s');
select pg_temp.be('member', :bob);
select lives_ok(format('select api.order_pay(%s)', :his), 'one that is paid');
select pg_temp.be('staff', :sam);
select lives_ok(format('select api.order_ship(%s)', :his), 'and sent off');
select is(pg_temp.refusal(format('select api.order_cancel(%s)', :his)),
    'PT409 orders_status_moves_forward: Order ' || :his || ' is shipped: it can''t become cancelled.', 'can''t be cancelled');

-- Permission
select is(pg_temp.callers('api.order_cancel(bigint)'), 'member, staff, admin', 'not anon');

select * from finish();

rollback;
