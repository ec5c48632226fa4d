begin;

\ir ../house/personas.psql

select plan(6);

delete from penstock.events;
insert into app.products (sku, name, price, stock) values ('L1', 'Lantern', 5, 10) returning id as lantern \gset

-- Each step, by whomever
select pg_temp.be('member', :ada);
select o.id as number from api.order_place(array[row(:lantern, 2)]::api.order_line_input[], 'France') as o \gset
select lives_ok(format('select api.order_pay(%s)', :number), 'the customer pays');
select pg_temp.be('staff', :sam);
select lives_ok(format('select api.order_ship(%s)', :number), 'staff ship');
reset role;
update app.orders set status = 'delivered' where id = :number;
select results_eq(
    'select topic, key, subject from penstock.events order by id',
    format($$select 'order.' || t.topic, 'order:%s', '%s' from unnest('{placed,paid,shipped,delivered}'::text[]) as t (topic)$$, :number, :ada),
    'the customer is told, in the order''s own order'
);
select is(
    (select e.payload from penstock.events as e where e.topic = 'order.paid'),
    jsonb_build_object('order_id', :number, 'user_id', :ada, 'status', 'paid', 'total', 10.00), 'of what'
);

-- No news
delete from penstock.events;
update app.orders set country = 'Spain';
insert into app.orders (user_id, country, total, source_invoice) values (:ada, 'France', 5, '536365');
insert into app.orders (user_id, country, total, status) values (:ada, 'France', 5, 'delivered');
update app.orders set status = 'cancelled' where source_invoice is not null;
select is_empty('select 1 from penstock.events', 'history that is entered is none');

-- What is rolled back
savepoint before;
update app.orders set status = 'paid' where status = 'placed';
insert into app.orders (user_id, country, total) values (:ada, 'France', 5);
rollback to before;
select is_empty('select 1 from penstock.events', 'nor is what was rolled back');

select * from finish();

rollback;
