begin;

\ir ../house/personas.psql

select plan(14);

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

-- What each sees
select pg_temp.be('anon');
select is((select count(*) from app.products), 3::bigint, 'anon: what is for sale');
select pg_temp.be('member', :ada);
select is((select count(*) from app.products), 3::bigint, 'a member: what is for sale');
select pg_temp.be('staff', :sam);
select is((select count(*) from app.products), 4::bigint, 'staff: all');
select pg_temp.be('admin', :eve);
select is((select count(*) from app.products), 4::bigint, 'an admin: all');
select pg_temp.be('penstock_owner');
select is((select count(*) from app.products), 4::bigint, 'the owner''s migrations: all');

-- What each changes: a member nothing, by no path
select pg_temp.be('member', :ada);
select throws_ok('update app.products set price = 0', '42501', null, 'no price');
select throws_ok('update app.products set stock = 0', '42501', null, 'no stock');
select throws_ok('delete from app.products', '42501', null, 'no product');
select throws_ok('select app.stock_take(null)', '42501', null, 'not by the function that takes stock');
select throws_ok('insert into app.orders (user_id, country, total) values (1, ''France'', 0)', '42501', null, 'no order of their own making');
select throws_ok('insert into app.order_lines values (1, 1, 1, 1, 0)', '42501', null, 'no line at a price of their own');
select pg_temp.be('penstock_clerk');
select lives_ok('update app.products set stock = stock - 1', 'the clerk changes stock');
select throws_ok('update app.products set price = 0', '42501', null, 'and nothing else');
select throws_ok('update app.products set version = 1', '42501', null, 'nor may it hide that it did');

select * from finish();

rollback;
