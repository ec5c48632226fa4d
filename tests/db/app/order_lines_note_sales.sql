begin;

\ir ../house/personas.psql
\ir ../house/sales.psql

select plan(6);

-- Signature
select isnt_definer('app', 'order_lines_note_sales', '{}'::name[]);
select triggers_are('app', 'order_lines', array[
    'order_lines_note_sales_insert', 'order_lines_note_sales_update', 'order_lines_note_sales_delete',
    'order_lines_truncate_sales',
    'audit_insert', 'audit_update', 'audit_delete', 'audit_truncate',
    'penstock_insert', 'penstock_update', 'penstock_rekey', 'penstock_delete', 'penstock_truncate'
]);

-- Behaviour
create function pg_temp.noted() returns text language sql as $$
    with gone as (
        delete from app.sales_line_changes as c returning c.*
    )
    select string_agg(concat_ws(' ', g.lines, p.sku, g.units, g.revenue), ', ' order by g.lines, p.sku)
    from gone as g
    join app.products as p on p.id = g.product_id
$$;
select app.sales_fold();
select id as first_order from app.orders where country = 'Spain' \gset

insert into app.order_lines values (:first_order, 2, :lamp, 3, 1.50), (:first_order, 3, :bowl, 1, 2);
select is(pg_temp.noted(), '1 T-BOWL 1 2.00, 1 T-LAMP 3 4.50', 'lines come');
update app.order_lines set quantity = 4 where order_id = :first_order and line_no = 2;
select is(pg_temp.noted(), '-1 T-LAMP -3 -4.50, 1 T-LAMP 4 6.00', 'a line goes and comes anew');
delete from app.order_lines where order_id = :first_order and line_no > 1;
select is(pg_temp.noted(), '-1 T-BOWL -1 -2.00, -1 T-LAMP -4 -6.00', 'lines go');
delete from app.orders where id = :first_order;
select is(pg_temp.noted(), '-1 T-BOWL -1 -5.00', 'lines go with their order');

select * from finish();

rollback;
