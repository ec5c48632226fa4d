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
select results_eq('select id from app.orders', array[:hers]::bigint[], 'a member: their own');
select pg_temp.be('staff', :sam);
select is((select count(*) from app.orders), 2::bigint, 'staff: all');
select pg_temp.be('admin', :eve);
select is((select count(*) from app.orders), 2::bigint, 'an admin: all');
select pg_temp.be('penstock_owner');
select is((select count(*) from app.orders), 2::bigint, 'the owner''s migrations: all');
select pg_temp.be('anon');
select throws_ok('select from app.orders', '42501', null, 'anon may not even ask');

-- What each changes
select pg_temp.be('member', :ada);
select is(pg_temp.changes('update app.orders set status = ''paid'''), 1::bigint, 'a member pays their own alone');
select throws_ok('update app.orders set status = ''shipped''',
    '42501', 'new row violates row-level security policy for table "orders"', 'but doesn''t send it off, by whatever path');
select throws_ok('update app.orders set total = 0', '42501', null, 'nor makes it cheaper');
select throws_ok('delete from app.orders', '42501', null, 'nor deletes it');
select pg_temp.be('staff', :sam);
select throws_ok('update app.orders set total = 0', '42501', null, 'nor do staff change what was agreed');
select throws_ok('delete from app.orders', '42501', null, 'nor delete it');

-- The clerk places orders for the caller alone.
select pg_temp.be('penstock_clerk', :ada);
select lives_ok(format('insert into app.orders (user_id, country, total) values (%s, ''France'', 1)', :ada), 'for the caller');
select throws_ok(format('insert into app.orders (user_id, country, total) values (%s, ''France'', 1)', :bob), '42501', null, 'for nobody else');

select * from finish();

rollback;
