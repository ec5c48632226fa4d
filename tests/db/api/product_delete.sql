begin;

\ir ../house/personas.psql

select plan(8);

-- Signature
select function_returns('api', 'product_delete', array['bigint'], 'void');

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

select pg_temp.be('member', :ada);
select lives_ok(format('select api.order_place(array[row(%s, 1)]::api.order_line_input[], ''France'')', :candle), 'somebody buys a candle');

select pg_temp.be('staff', :sam);
select lives_ok(format('select api.product_delete(%s)', :lantern), 'staff delete what nobody has bought');
select is_empty(format('select api.product_get(%s)', :lantern), 'it is gone');

-- Errors
select throws_ok(format('select api.product_delete(%s)', :candle), '23503', null, 'what was bought stays');
select is(
    (select obj_description(k.oid, 'pg_constraint') from pg_constraint as k where k.conname = 'order_lines_product_id_fkey'),
    'This product has been ordered, so it must be kept: make it inactive instead.', 'which is told in a sentence'
);
select is(pg_temp.refusal('select api.product_delete(-1)'), 'P0002: There is no product -1.', 'no product has this number');

-- Permission
select is(pg_temp.callers('api.product_delete(bigint)'), 'staff, admin', 'staff');

select * from finish();

rollback;
