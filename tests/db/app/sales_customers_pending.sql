begin;

\ir ../house/personas.psql
\ir ../house/sales.psql

select plan(6);

create function pg_temp.lacking() returns text language sql as $$
    select string_agg(concat_ws(' ', u.username, coalesce(p.ordered_on::text, 'never'), p.bought_on), ', ' order by u.username)
    from app.sales_customers_pending as p
    join app.users as u on u.id = p.user_id
$$;
select app.sales_fold();
select is(pg_temp.lacking(), null, 'nobody, after a fold');

insert into app.orders (user_id, country, total, placed_at) values (:bob, 'France', 0, '2015-06-01Z');
select is(pg_temp.lacking(), null, 'nor who ordered before');
insert into app.orders (user_id, country, total, placed_at) values (:eve, 'France', 0, '2015-06-01Z');
select is(pg_temp.lacking(), 'eve 2015-06-01', 'a first order, without lines');
insert into app.order_lines select o.id, 1, :lamp, 1, 1 from app.orders as o where o.user_id = :eve;
select is(pg_temp.lacking(), 'eve 2015-06-01 2015-06-01', 'and with them');
update app.orders set status = 'cancelled' where user_id = :eve;
select is(pg_temp.lacking(), 'eve never', 'it is cancelled');
insert into app.orders (user_id, country, total, placed_at) values (:ada, 'France', 0, '2014-06-01Z');
select is(pg_temp.lacking(), 'ada 2014-06-01 2015-03-01, eve never', 'an older order is imported');

select * from finish();

rollback;
