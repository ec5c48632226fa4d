begin;

\ir ../house/personas.psql
\ir ../house/sales.psql

select plan(11);

-- Signature
select is_definer('app', 'orders_note_sales', '{}'::name[]);
select function_owner_is('app', 'orders_note_sales', '{}'::name[], 'penstock_clerk');
select triggers_are('app', 'orders', array[
    'audit_insert', 'audit_update', 'audit_delete', 'audit_truncate',
    'touch', 'orders_status_moves_forward', 'orders_return_stock', 'orders_emit_new', 'orders_emit_change',
    'orders_note_sales_insert', 'orders_note_sales_update', 'orders_note_sales_delete',
    'penstock_insert', 'penstock_update', 'penstock_rekey', 'penstock_delete', 'penstock_truncate'
]);

-- Behaviour
create function pg_temp.noted() returns text language sql as $$
    with gone as (
        delete from app.sales_moves as m returning m.*
    )
    select string_agg(concat_ws(' ', u.username, g.side, g.day, g.country), ', ' order by g.id)
    from gone as g
    join app.users as u on u.id = g.user_id
$$;
select app.sales_fold();

insert into app.orders (user_id, country, total, placed_at)
values (:ada, 'Malta', 0, '2015-04-01 10:00Z');
select id as malta from app.orders where country = 'Malta' \gset
select is(pg_temp.noted(), 'ada 1 2015-04-01 Malta', 'an order comes');
update app.orders set status = 'paid' where id = :malta;
select is(pg_temp.noted(), null, 'paid, it stays where it is');
update app.orders set placed_at = '2015-04-01 23:00Z', total = 5 where id = :malta;
select is(pg_temp.noted(), null, 'on its day too');
update app.orders set placed_at = '2015-04-02 00:00Z' where id = :malta;
select is(pg_temp.noted(), 'ada -1 2015-04-01 Malta, ada 1 2015-04-02 Malta', 'on another it goes, and comes anew');
update app.orders set user_id = :bob, country = 'Peru' where id = :malta;
select is(pg_temp.noted(), 'ada -1 2015-04-02 Malta, bob 1 2015-04-02 Peru', 'so it does for another customer and country');
select pg_temp.be('member', :bob);
update app.orders set status = 'cancelled' where id = :malta;
reset role;
select is(pg_temp.noted(), 'bob -1 2015-04-02 Peru, bob 1 Peru', 'cancelled, by whomever, it counts on no day');
delete from app.orders where id = :malta;
select is(pg_temp.noted(), 'bob -1 Peru', 'deleted, it goes');
update app.orders set placed_at = placed_at where false;
select is(pg_temp.noted(), null, 'nothing is nothing');

select * from finish();

rollback;
