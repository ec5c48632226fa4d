begin;

\ir ../house/personas.psql

select plan(11);

insert into app.products (sku, name, price) values ('85123A', 'Heart', 2.55) returning id as product \gset
insert into app.orders (user_id, country, total) values (:ada, 'France', 5) returning id as own \gset

-- Customers
select pg_temp.be('penstock_clerk');
select lives_ok('insert into app.users (email, username) values (''retail-1@customers.invalid'', ''retail-1'')', 'the clerk enters an imported customer');
select throws_ok('insert into app.users (email, username) values (''x@example.org'', ''retail-2'')', '42501', null, 'but none with an address');
select throws_ok('insert into app.users (email, username) values (''x@customers.invalid'', ''xyz'')', '42501', null, 'none with a name');
select throws_ok('insert into app.users (email, username, role) values (''retail-2@customers.invalid'', ''retail-2'', ''admin'')', '42501', null, 'and no admin');

-- Orders
select id as customer from app.users where username = 'retail-1' \gset
select lives_ok(format('insert into app.orders (user_id, status, country, total, source_invoice) values (%s, ''delivered'', ''France'', 0, ''1'')', :customer), 'the clerk enters what was delivered');
select throws_ok(format('insert into app.orders (user_id, status, country, total, source_invoice) values (%s, ''placed'', ''France'', 0, ''2'')', :customer), '42501', null, 'but nothing that is under way');
select throws_ok(format('insert into app.orders (user_id, status, country, total) values (%s, ''delivered'', ''France'', 0)', :customer), '42501', null, 'and nothing without an invoice');
select is(pg_temp.changes('update app.orders set total = 1'), 1::bigint, 'it adds to imported orders alone');
select throws_ok('update app.orders set status = ''cancelled''', '42501', null, 'and cancels none');

-- Lines
select lives_ok(format('insert into app.order_lines select o.id, 1, %s, 1, 2.55 from app.orders as o where o.source_invoice = ''1''', :product), 'lines of an imported order');
select throws_ok(format('insert into app.order_lines values (%s, 1, %s, 1, 2.55)', :own, :product), '42501', null, 'of no other');

select * from finish();

rollback;
