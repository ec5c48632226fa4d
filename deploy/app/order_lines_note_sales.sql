-- Deploy app/order_lines_note_sales
-- requires: app/order_lines_policy app/sales_policy
-- Runs as who writes the lines: only the clerk and the owner may, and both may note it.

begin;

create or replace function app.order_lines_note_sales()
    returns trigger
    language plpgsql
as $$
begin
    if tg_op <> 'DELETE' then
        insert into app.sales_line_changes (order_id, product_id, lines, units, revenue)
        select n.order_id, n.product_id, 1, n.quantity, n.quantity * n.unit_price
        from new_lines as n;
    end if;

    if tg_op <> 'INSERT' then
        insert into app.sales_line_changes (order_id, product_id, lines, units, revenue)
        select o.order_id, o.product_id, -1, -o.quantity, -o.quantity * o.unit_price
        from old_lines as o;
    end if;

    return null;
end
$$;

comment on function app.order_lines_note_sales() is
    'Trigger: notes for the roll-ups which order lines came and went.';

create or replace trigger order_lines_note_sales_insert after insert on app.order_lines
    referencing new table as new_lines
    for each statement execute function app.order_lines_note_sales();

create or replace trigger order_lines_note_sales_update after update on app.order_lines
    referencing old table as old_lines new table as new_lines
    for each statement execute function app.order_lines_note_sales();

create or replace trigger order_lines_note_sales_delete after delete on app.order_lines
    referencing old table as old_lines
    for each statement execute function app.order_lines_note_sales();

commit;
