-- Deploy app/orders_note_sales
-- requires: app/orders_policy app/sales_fold

begin;

create or replace function app.orders_note_sales()
    returns trigger
    security definer
    set search_path = ''
    language plpgsql
as $$
declare
    v_rows bigint;
begin
    if tg_op = 'INSERT' then
        insert into app.sales_moves (order_id, user_id, country)
        select n.id, n.user_id, n.country
        from new_orders as n;

        return null;  -- the lines come next: not worth a fold yet
    elsif tg_op = 'DELETE' then
        insert into app.sales_moves (order_id, user_id, day, country)
        select o.id, o.user_id, app.sales_day(o.status, o.placed_at), o.country
        from old_orders as o;
    else
        -- An order that changed went, and came anew: first the move that says from where.
        insert into app.sales_moves (order_id, user_id, day, country)
        select o.id, o.user_id, app.sales_day(o.status, o.placed_at), o.country
        from old_orders as o
        except
        select n.id, n.user_id, app.sales_day(n.status, n.placed_at), n.country
        from new_orders as n;

        insert into app.sales_moves (order_id, user_id, country)
        select c.id, c.user_id, c.country
        from (
            select n.id, n.user_id, app.sales_day(n.status, n.placed_at), n.country
            from new_orders as n
            except
            select o.id, o.user_id, app.sales_day(o.status, o.placed_at), o.country
            from old_orders as o
        ) as c;
    end if;

    get diagnostics v_rows = row_count;

    if random() * 256 < v_rows then
        perform app.sales_fold();
    end if;

    return null;
end
$$;

comment on function app.orders_note_sales() is
    'Trigger: notes for the roll-ups where orders stood before they came, changed or went; some 256 rows bring a fold.';

-- Belongs to the clerk, who keeps the roll-ups, whoever writes orders.
grant create on schema app to penstock_clerk;
alter function app.orders_note_sales() owner to penstock_clerk;
revoke create on schema app from penstock_clerk;

create or replace trigger orders_note_sales_insert after insert on app.orders
    referencing new table as new_orders
    for each statement execute function app.orders_note_sales();

create or replace trigger orders_note_sales_update after update on app.orders
    referencing old table as old_orders new table as new_orders
    for each statement execute function app.orders_note_sales();

create or replace trigger orders_note_sales_delete after delete on app.orders
    referencing old table as old_orders
    for each statement execute function app.orders_note_sales();

commit;
