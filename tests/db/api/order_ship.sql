begin;

\ir ../house/personas.psql

select plan(7);

-- Signature
select volatility_is('api', 'order_ship', array['bigint'], 'volatile');

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
select lives_ok(format('select api.order_pay(%s)', :hers), 'an order is paid');
select pg_temp.be('staff', :sam);
select is((select o.status::text from api.order_ship(:hers) as o), 'shipped', 'staff send it off');

-- Errors
select is(pg_temp.refusal(format('select api.order_ship(%s)', :his)),
    'PT409 orders_status_moves_forward: Order ' || :his || ' is placed: it can''t become shipped.', 'not before it is paid');
select is(pg_temp.refusal('select api.order_ship(-1)'), 'P0002: There is no order -1.', 'no order has this number');

-- Permission
select is(pg_temp.callers('api.order_ship(bigint)'), 'staff, admin', 'staff');
select pg_temp.be('member', :ada);
select throws_ok(format('select api.order_ship(%s)', :hers), '42501', 'permission denied for function order_ship', 'a member may not');

select * from finish();

rollback;
