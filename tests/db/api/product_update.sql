begin;

\ir ../house/personas.psql

select plan(9);

-- Signature
select volatility_is('api', 'product_update', array['bigint', 'integer', 'app.sku', 'app.product_name', 'app.description', 'app.money', 'app.stock', 'boolean'], 'volatile');

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

select pg_temp.be('staff', :sam);
select is(
    (select (p.sku, p.name, p.description, p.price, p.stock, p.is_active, p.version)::text
    from api.product_update(:lantern, 1, 'L2', 'Lamp', 'Red', 6, 9, false) as p),
    '(L2,Lamp,Red,6.00,9,f,2)', 'everything is replaced, and the version counts it'
);

-- Errors
select is(pg_temp.refusal(format('select api.product_update(%s, 1, ''L2'', ''Lamp'', '''', 7, 9, true)', :lantern)),
    'PT412 products_version_current: The product has changed since version 1: read it again.', 'who read the old version overwrites nothing');
select is(pg_temp.refusal('select api.product_update(-1, 1, ''L9'', ''Lamp'', '''', 7, 9, true)'), 'P0002: There is no product -1.', 'no product has this number');
select throws_ok(format('select api.product_update(%s, 2, ''C1'', ''Lamp'', '''', 7, 9, true)', :lantern), '23505', null, 'a taken SKU');
select throws_ok(format('select api.product_update(%s, 2, ''L2'', null, '''', 7, 9, true)', :lantern), '23502', null, 'a product has a name');

-- An order between reading and replacing makes a new version: its sale is not undone.
select pg_temp.be('member', :ada);
select lives_ok(format('select api.order_place(array[row(%s, 1)]::api.order_line_input[], ''France'')', :candle), 'somebody buys a candle');
select pg_temp.be('staff', :sam);
select throws_ok(format('select api.product_update(%s, 1, ''C1'', ''Candle'', '''', 2, 100, true)', :candle), 'PT412', null, 'the old count is refused');

-- Permission
select is(pg_temp.callers('api.product_update(bigint, integer, app.sku, app.product_name, app.description, app.money, app.stock, boolean)'), 'staff, admin', 'staff');

select * from finish();

rollback;
