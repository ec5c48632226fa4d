begin;

\ir ../house/personas.psql

select plan(9);

-- Signature
select volatility_is('api', 'order_get', array['bigint'], 'stable');

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
select is((select o.total::numeric from api.order_get(:hers) as o), 11.50, 'members find their own');
select results_eq(
    format('select l.line_no, l.sku::text, l.name::text, l.quantity::integer, l.unit_price::numeric, l.amount from api.order_get(%s) as o cross join unnest(o.lines) as l', :hers),
    $$values (1, 'L1', 'Lantern', 2, 5.00, 10.00), (2, 'C1', 'Candle', 1, 1.50, 1.50)$$, 'with its lines'
);
select is_empty(format('select api.order_get(%s)', :his), 'and nobody else''s');
select pg_temp.be('staff', :sam);
select is((select o.country::text from api.order_get(:his) as o), 'Spain', 'staff find all');

-- What it cost and what it was stays, whatever becomes of the product.
select lives_ok(format('select api.product_update(%s, 3, ''L1'', ''Lantern'', '''', 99, 0, false)', :lantern), 'the product goes off sale');
select pg_temp.be('member', :ada);
select results_eq(
    format('select l.name::text, l.unit_price::numeric from api.order_get(%s) as o cross join unnest(o.lines) as l where l.line_no = 1', :hers),
    $$values ('Lantern', 5.00)$$, 'the order keeps its name and price'
);

set local enable_seqscan = off;  -- two rows are read faster without an index
select doesnt_match(pg_temp.plan_of('select * from api.order_get(1)'), 'Function Scan', 'inlined');

-- Permission
select is(pg_temp.callers('api.order_get(bigint)'), 'member, staff, admin', 'not anon');

select * from finish();

rollback;
