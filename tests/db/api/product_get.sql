begin;

\ir ../house/personas.psql

select plan(8);

-- Signature
select volatility_is('api', 'product_get', array['bigint'], 'stable');

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

select pg_temp.be('anon');
select is((select (p.sku, p.name, p.price, p.stock, p.version)::text from api.product_get(:lantern) as p), '(L1,Lantern,5.00,10,1)', 'what is for sale');
select is_empty(format('select api.product_get(%s)', :xylophone), 'and nothing else');
select pg_temp.be('staff', :sam);
select is((select p.sku::text from api.product_get(:xylophone) as p), 'X1', 'staff find the rest too');
select is_empty('select api.product_get(-1)', 'no product has this number');

-- Speed: the call is planned as the query in its body, by index and with no function in sight.
select pg_temp.be('anon');
set local enable_seqscan = off;  -- four rows are read faster without an index
select matches(pg_temp.plan_of('select * from api.product_get(1)'), 'Index Scan using products_pkey', 'by the primary key');
select doesnt_match(pg_temp.plan_of('select * from api.product_get(1)'), 'Function Scan', 'inlined');

-- Permission
select is(pg_temp.callers('api.product_get(bigint)'), 'anon, member, staff, admin', 'everybody');

select * from finish();

rollback;
