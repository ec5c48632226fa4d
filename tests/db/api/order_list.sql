begin;

\ir ../house/personas.psql

select plan(11);

-- Signature
select volatility_is('api', 'order_list', array['api.page_size', 'jsonb', 'app.order_status'], 'stable');

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
select results_eq('select id from api.order_list()', array[:hers]::bigint[], 'members see their own');
select is((select cardinality(o.lines) from api.order_list() as o), 2, 'with their lines');
select pg_temp.be('staff', :sam);
select results_eq('select id from api.order_list()', array[:his, :hers]::bigint[], 'staff see all, the newest first');
select results_eq('select id from api.order_list(1)', array[:his]::bigint[], 'a page');
select results_eq(
    format('select id from api.order_list(1, %L)', (select to_jsonb(o) from api.order_list(1) as o)), array[:hers]::bigint[], 'and the next'
);
select lives_ok(format('select api.order_cancel(%s)', :his), 'one is cancelled');
select results_eq('select id from api.order_list(status => ''cancelled'')', array[:his]::bigint[], 'of one status');
select is_empty('select id from api.order_list(status => ''shipped'')', 'none of another');
select doesnt_match(pg_temp.plan_of('select * from api.order_list()'), 'Function Scan', 'inlined');

-- Permission
select is(pg_temp.callers('api.order_list(api.page_size, jsonb, app.order_status)'), 'member, staff, admin', 'not anon');

select * from finish();

rollback;
