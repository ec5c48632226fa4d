-- Deploy app/retail_load
-- requires: app/retail_stage app/retail_policy app/products_policy
-- The second half of the retail import: what was accepted becomes customers, orders and lines.
--
-- An invoice may name the same thing twice, in lines that are equal to the last letter, and both
-- count. So a line's identity is its invoice, product, quantity and price, and the how-manieth it
-- is of its kind. Of each kind the order ends up with as many lines as the file that has most of
-- it: the same file again adds none, a file with more of an invoice adds what is missing, and the
-- order in which files come makes no difference.
--
-- It trusts the tables that its caller made: staff and admin may execute it, whom only the API
-- becomes, and the API runs no statement of theirs.

begin;

create or replace function app.retail_load(
    out loaded integer,
    out revenue numeric,
    out new_customers integer,
    out new_orders integer
)
    security definer
    set search_path = ''
    language plpgsql
as $$
begin
    insert into app.users (email, username)
    select 'retail-' || c.customer_no || '@customers.invalid', 'retail-' || c.customer_no
    from pg_temp.retail_customers as c
    where c.user_id is null
        and c.customer_no in (
            select l.customer_no from pg_temp.retail_lines as l where l.reason is null
        )
    order by c.customer_no;

    get diagnostics new_customers = row_count;

    -- Earlier files may have seen only later lines of an invoice that took two minutes to write.
    update app.orders as o
    set placed_at = i.placed_at
    from (
        select l.invoice_no, min(l.placed_at) as placed_at
        from pg_temp.retail_lines as l
        where l.reason is null
        group by l.invoice_no
    ) as i
    where o.source_invoice = i.invoice_no
        and o.placed_at > i.placed_at;

    insert into app.orders (user_id, status, country, total, placed_at, source_invoice)
    select coalesce(c.user_id, u.id), 'delivered', i.country, 0, i.placed_at, i.invoice_no
    from (
        select l.invoice_no, l.customer_no, l.country, min(l.placed_at) as placed_at
        from pg_temp.retail_lines as l
        where l.reason is null
        group by l.invoice_no, l.customer_no, l.country
    ) as i
    join pg_temp.retail_customers as c on c.customer_no = i.customer_no
    left join app.users as u on lower(u.username) = 'retail-' || i.customer_no
    where not exists (select from app.orders as o where o.source_invoice = i.invoice_no)
    order by i.placed_at, i.invoice_no;

    get diagnostics new_orders = row_count;

    with lines as (
        select
            l.line,
            o.id as order_id,
            p.id as product_id,
            l.quantity,
            l.unit_price,
            row_number() over (
                partition by o.id, p.id, l.quantity, l.unit_price
                order by l.line
            ) as occurrence
        from pg_temp.retail_lines as l
        join app.orders as o on o.source_invoice = l.invoice_no
        join app.products as p on p.sku = l.stock_code
        where l.reason is null
    ),
    known as (
        select l.order_id, l.product_id, l.quantity, l.unit_price, count(*) as occurrences
        from app.order_lines as l
        where l.order_id in (select n.order_id from lines as n)
        group by l.order_id, l.product_id, l.quantity, l.unit_price
    ),
    last as (
        select l.order_id, max(l.line_no) as line_no
        from app.order_lines as l
        where l.order_id in (select n.order_id from lines as n)
        group by l.order_id
    ),
    added as (
        insert into app.order_lines (order_id, line_no, product_id, quantity, unit_price)
        select
            l.order_id,
            coalesce(last.line_no, 0) + row_number() over (partition by l.order_id order by l.line),
            l.product_id,
            l.quantity,
            l.unit_price
        from lines as l
        left join known as k
            on (k.order_id, k.product_id, k.quantity, k.unit_price)
                = (l.order_id, l.product_id, l.quantity, l.unit_price)
        left join last on last.order_id = l.order_id
        where l.occurrence > coalesce(k.occurrences, 0)
        returning order_id, quantity * unit_price as amount
    ),
    sums as (
        select a.order_id, count(*) as lines, sum(a.amount) as amount
        from added as a
        group by a.order_id
    ),
    settled as (
        update app.orders as o
        set total = o.total + s.amount
        from sums as s
        where o.id = s.order_id
    )
    select coalesce(sum(s.lines), 0)::integer, coalesce(sum(s.amount), 0)
    into loaded, revenue
    from sums as s;
end
$$;

comment on function app.retail_load() is
    'Turns the accepted lines of pg_temp.retail_lines into customers, orders and order lines, each once however often it comes.';

-- Belongs to the clerk, who may enter history; staff may enter neither users nor orders.
grant create on schema app to penstock_clerk;
alter function app.retail_load() owner to penstock_clerk;
revoke create on schema app from penstock_clerk;

grant execute on function app.retail_load() to staff, admin;

commit;
