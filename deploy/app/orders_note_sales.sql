-- Deploy app/orders_note_sales
-- requires: app/orders_policy app/sales_policy app/sales_day

begin;

create or replace function app.orders_note_sales()
    returns trigger
    security definer
    set search_path = ''
    language plpgsql
as $$
begin
    if tg_op = 'INSERT' then
        insert into app.sales_moves (order_id, user_id, side, day, country)
        select n.id, n.user_id, 1, app.sales_day(n.status, n.placed_at), n.country
        from new_orders as n;
    elsif tg_op = 'DELETE' then
        insert into app.sales_moves (order_id, user_id, side, day, country)
        select o.id, o.user_id, -1, app.sales_day(o.status, o.placed_at), o.country
        from old_orders as o;
    else
        -- One that changed went before it came anew; one that was paid or sent off did neither.
        with went as (
            select o.id, o.user_id, app.sales_day(o.status, o.placed_at) as day, o.country
            from old_orders as o
            except
            select n.id, n.user_id, app.sales_day(n.status, n.placed_at), n.country
            from new_orders as n
        ),
        came as (
            select n.id, n.user_id, app.sales_day(n.status, n.placed_at) as day, n.country
            from new_orders as n
            except
            select o.id, o.user_id, app.sales_day(o.status, o.placed_at), o.country
            from old_orders as o
        )
        insert into app.sales_moves (order_id, user_id, side, day, country)
        select m.id, m.user_id, m.side, m.day, m.country
        from (
            select w.*, -1 as side from went as w
            union all
            select c.*, 1 from came as c
        ) as m
        order by m.side;
    end if;

    return null;
end
$$;

comment on function app.orders_note_sales() is
    'Trigger: notes for the roll-ups which orders came and went.';

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
