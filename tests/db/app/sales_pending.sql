begin;

\ir ../house/personas.psql
\ir ../house/sales.psql

select plan(7);

-- Which lines of one order are to be added, and which to be taken off
create function pg_temp.lacking() returns text language sql as $$
    select string_agg(concat_ws(' ', s.side, s.day, s.country, s.sku, s.lines, s.units, s.revenue), ', ' order by s.side, s.sku)
    from (
        select p.side, p.day, p.country, r.sku, sum(p.lines) as lines, sum(p.units) as units, sum(p.revenue) as revenue
        from app.sales_pending as p
        join app.products as r on r.id = p.product_id
        group by p.side, p.day, p.country, r.sku
        having sum(p.lines) <> 0 or sum(p.units) <> 0
    ) as s
$$;
select app.sales_fold();
select is(pg_temp.lacking(), null, 'nothing, after a fold');
select id as old from app.orders where country = 'Spain' \gset

insert into app.orders (user_id, country, total, placed_at)
values (:ada, 'Malta', 0, '2015-04-01 10:00Z') returning id as new \gset
insert into app.order_lines values (:new, 1, :lamp, 2, 3);
select is(pg_temp.lacking(), '1 2015-04-01 Malta T-LAMP 1 2 6.00', 'an order that came');
update app.orders set placed_at = '2015-04-05Z' where id = :new;
select is(pg_temp.lacking(), '1 2015-04-05 Malta T-LAMP 1 2 6.00', 'counts where it stands now');
update app.orders set status = 'cancelled' where id = :new;
select is(pg_temp.lacking(), null, 'or nowhere');

insert into app.order_lines values (:old, 2, :lamp, 1, 4);
select is(
    pg_temp.lacking(),
    '-1 2015-02-28 Spain T-BOWL 1 1 5.00, 1 2015-02-28 Spain T-BOWL 1 1 5.00, 1 2015-02-28 Spain T-LAMP 1 1 4.00',
    'an order with one line more: the others cancel out'
);
update app.orders set country = 'Peru' where id = :old;
select is(
    pg_temp.lacking(),
    '-1 2015-02-28 Spain T-BOWL 1 1 5.00, 1 2015-02-28 Peru T-BOWL 1 1 5.00, 1 2015-02-28 Peru T-LAMP 1 1 4.00',
    'the roll-ups hold the lines it had, where it was'
);
delete from app.orders where id = :old;
select is(pg_temp.lacking(), '-1 2015-02-28 Spain T-BOWL 1 1 5.00', 'and they still do when it is gone');

select * from finish();

rollback;
