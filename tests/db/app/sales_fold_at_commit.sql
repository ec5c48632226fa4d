begin;

\ir ../house/personas.psql
\ir ../house/sales.psql
\ir ../house/recount.psql

select plan(8);

-- Signature
select is_definer('app', 'sales_fold_at_commit', '{}'::name[]);
select function_owner_is('app', 'sales_fold_at_commit', '{}'::name[], 'penstock_clerk');

-- Behaviour; this transaction never commits, but constraints set immediate are at their end too
create function pg_temp.pending() returns bigint language sql as
    'select (select count(*) from app.sales_moves) + (select count(*) from app.sales_line_changes)';
create function pg_temp.sell(orders integer) returns void language sql as $$
    with o as (
        insert into app.orders (user_id, country, total, placed_at)
        select (select max(u.id) from app.users as u), 'Malta', 0, '2015-03-05Z'
        from generate_series(1, sell.orders)
        returning id
    )
    insert into app.order_lines
    select o.id, n, (select max(p.id) from app.products as p), 1, 2
    from o, generate_series(1, 4) as n
$$;
-- Once a transaction, and what came before may have had its turn.
create function pg_temp.forget() returns text language sql as
    $$select set_config('app.sales_are_folded', '', true)$$;
set constraints all immediate;
select app.sales_fold();
select pg_temp.forget();
set constraints all deferred;
select pg_temp.sell(2000);
select is(pg_temp.pending(), 10000::bigint, 'nothing is folded before the end');
set constraints all immediate;
select is(pg_temp.pending(), 0::bigint, 'some of many notes bring a fold');
select is_empty('select pg_temp.rollup_faults()', 'of all there is');

-- Orders whose lines are gone before anybody has noted it
select pg_temp.forget();
delete from app.orders where country = 'Malta' and id % 2 = 0;
select is(pg_temp.pending(), 5000::bigint, 'no fold comes in the middle of a statement');
select app.sales_fold();
select is_empty('select pg_temp.rollup_faults()', 'and the next one finds what went');
set constraints all deferred;
with l as (
    delete from app.order_lines
    where order_id in (select o.id from app.orders as o where o.country = 'Malta')
    returning order_id
)
delete from app.orders where id in (select l.order_id from l);
set constraints all immediate;
select app.sales_fold();
select is_empty('select pg_temp.rollup_faults()', 'so it does for lines and orders that one statement deletes');

select * from finish();

rollback;
