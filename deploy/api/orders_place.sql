-- Deploy api/orders_place
-- requires: api/order_row app/stock_take app/users_policy app/orders_policy app/order_lines_policy
-- Stock goes to the orders in the sheet's order. An order that is rejected for one of its products
-- keeps its claim on the others: to give it on would take a look at each order for itself.

begin;

create or replace function api.orders_place()
    returns table (order_no text, order_id bigint, total app.money)
    volatile
    security definer
    set search_path = ''
    set client_min_messages = warning  -- the tables are rarely there to be dropped
    language plpgsql
as $$
begin
    -- A token outlives its user's account by some minutes.
    if not exists (select from app.users as u where u.id = request.user_id() and u.is_active) then
        raise exception using
            errcode = 'insufficient_privilege',
            constraint = 'orders_customer_is_active',
            message = 'Your account is not active, so you can''t order.';
    end if;

    perform
    from app.products as p
    where p.id in (select r.product_id from pg_temp.bulk_rows as r)
    order by p.id
    for no key update;

    -- What is wrong with a line on its own account, or with its order as a whole.
    with claims as (
        select
            r.*,
            min(r.line) over (partition by r.order_no) as first_line,
            count(*) over (partition by r.order_no) as in_order,
            first_value(r.country) over (partition by r.order_no order by r.line) as country_there,
            p.id is not null and p.is_active as is_for_sale,
            p.stock,
            p.name,
            sum(r.quantity * p.price) over (partition by r.order_no) as total
        from pg_temp.bulk_rows as r
        left join app.products as p on p.id = r.product_id
    ),
    judged as (
        select
            c.line,
            c.order_no,
            case
                when c.in_order > 100 then 'order_no'
                when not c.is_for_sale then 'product_id'
                when c.country <> c.country_there then 'country'
                when c.total > 9999999999.99 then 'order_no'
                when c.stock < sum(c.quantity) over (partition by c.product_id order by c.first_line, c.line)
                    then 'quantity'
            end as field,
            case
                when c.in_order > 100 then 'The cart is too long: an order has at most 100 lines.'
                when not c.is_for_sale then format('Product %s is not for sale.', c.product_id)
                when c.country <> c.country_there then 'An earlier line of this order goes to another country.'
                when c.total > 9999999999.99 then 'The total of an order is at most 9,999,999,999.99.'
                else format('There are only %s of "%s" for all the orders of this sheet.', c.stock, c.name)
            end as reason
        from claims as c
    )
    insert into pg_temp.bulk_rejects (line, field, reason)
    select j.line, j.field, j.reason
    from judged as j
    where j.field is not null;

    -- An order is placed with all of its lines or not at all.
    insert into pg_temp.bulk_rejects (line, field, reason)
    select r.line, 'order_no', 'Another line of this order was rejected.'
    from pg_temp.bulk_rows as r
    where r.line not in (select x.line from pg_temp.bulk_rejects as x)
        and r.order_no in (
            select l.order_no
            from pg_temp.bulk_lines as l
            join pg_temp.bulk_rejects as x on x.line = l.line
            where l.order_no is not null
        );

    drop table if exists pg_temp.sheet_lines, pg_temp.sheet_orders;

    create temporary table sheet_lines on commit drop as
    select
        r.order_no,
        min(r.line) as line,
        min(r.country) as country,
        r.product_id,
        sum(r.quantity) as quantity,
        p.price
    from pg_temp.bulk_rows as r
    join app.products as p on p.id = r.product_id
    where r.line not in (select x.line from pg_temp.bulk_rejects as x)
    group by r.order_no, r.product_id, p.price;

    update app.products as p
    set stock = p.stock - s.quantity
    from (
        select l.product_id, sum(l.quantity) as quantity
        from pg_temp.sheet_lines as l
        group by l.product_id
    ) as s
    where p.id = s.product_id;

    -- The numbers are given in the order of the sheet, which tells whose they are.
    create temporary table sheet_orders on commit drop as
    with sheet as (
        select
            l.order_no,
            min(l.country) as country,
            sum(l.quantity * l.price) as total,
            row_number() over (order by min(l.line)) as place
        from pg_temp.sheet_lines as l
        group by l.order_no
    ),
    placed as (
        insert into app.orders as o (user_id, country, total)
        select request.user_id(), s.country, s.total
        from sheet as s
        order by s.place
        returning o.id
    ),
    numbered as (
        select p.id, row_number() over (order by p.id) as place
        from placed as p
    )
    select s.order_no, n.id as order_id, s.total, s.place
    from sheet as s
    join numbered as n on n.place = s.place;

    insert into app.order_lines (order_id, line_no, product_id, quantity, unit_price)
    select
        o.order_id,
        row_number() over (partition by o.order_id order by l.line),
        l.product_id,
        l.quantity,
        l.price
    from pg_temp.sheet_lines as l
    join pg_temp.sheet_orders as o on o.order_no = l.order_no;

    return query
    select o.order_no, o.order_id, o.total::app.money
    from pg_temp.sheet_orders as o
    order by o.place;
end
$$;

-- Belongs to the clerk: customers may neither take stock nor say what a product costs.
grant create on schema api to penstock_clerk;
alter function api.orders_place() owner to penstock_clerk;
revoke create on schema api from penstock_clerk;

comment on function api.orders_place() is $$
Place many orders from a sheet, for yourself, at today's prices.
Each line names its order, the product and the quantity; an order is placed with all of its lines or not at all.
The stock goes to the orders that come first in the sheet.

HTTP POST /orders/bulk
@bulk api.order_row needs=order_no,product_id,quantity,country
@timeout 120s
@tag orders
$$;

grant execute on function api.orders_place() to member, staff, admin;

commit;
