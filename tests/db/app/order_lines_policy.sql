begin;

\ir ../house/personas.psql

select plan(13);

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

-- What each sees
select pg_temp.be('member', :ada);
select results_eq('select distinct order_id from app.order_lines', array[:hers]::bigint[], 'a member: the lines of their own orders');
select pg_temp.be('staff', :sam);
select is((select count(*) from app.order_lines), 3::bigint, 'staff: all');
select pg_temp.be('penstock_owner');
select is((select count(*) from app.order_lines), 3::bigint, 'the owner''s migrations: all');
select pg_temp.be('anon');
select throws_ok('select from app.order_lines', '42501', null, 'anon may not even ask');

-- What each changes: nothing, once it is ordered
select throws_ok('update app.order_lines set unit_price = 0', '42501', null, r || ' changes no line')
from unnest(array['member', 'staff', 'admin', 'penstock_clerk']) as r
cross join lateral pg_temp.be(r);
select throws_ok('delete from app.order_lines', '42501', null, r || ' deletes no line')
from unnest(array['member', 'staff', 'admin', 'penstock_clerk']) as r
cross join lateral pg_temp.be(r);
select pg_temp.be('penstock_clerk', :ada);
select throws_ok(format('insert into app.order_lines values (%s, 9, %s, 1, 0)', :his, :candle), '42501', null, 'the clerk adds nothing to another''s order');

select * from finish();

rollback;
