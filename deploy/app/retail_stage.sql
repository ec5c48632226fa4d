-- Deploy app/retail_stage
-- requires: app/field_read app/retail_reason app/customer_find app/orders_policy app/users_policy
-- The first half of the retail import: reads the texts of pg_temp.bulk_lines once, into
-- pg_temp.retail_lines, where each line has either a reason to be rejected or values of the
-- right types, and pg_temp.retail_customers, where each customer has the user they are, if any.
-- The tables are the caller's, who hands them to the clerk.

begin;

create or replace function app.retail_stage()
    returns void
    set client_min_messages = warning  -- the tables are rarely there to be dropped
    language plpgsql
as $$
begin
    drop table if exists pg_temp.retail_lines, pg_temp.retail_customers;

    create temporary table retail_lines on commit drop as
    select
        t.line,
        t.invoice_no,
        t.stock_code,
        t.description,
        app.integer_read(t.quantity) as quantity,
        app.timestamp_read(t.invoice_date) as placed_at,
        app.price_read(t.unit_price) as unit_price,
        app.integer_read(t.customer_id) as customer_no,
        t.country,
        app.retail_reason(
            t.problem, t.invoice_no, t.stock_code, t.quantity,
            t.invoice_date, t.unit_price, t.customer_id, t.country
        ) as reason
    from (
        select
            b.line,
            b.problem,
            app.field_read(b.invoice_no) as invoice_no,
            app.field_read(b.stock_code) as stock_code,
            app.field_read(b.description) as description,
            app.field_read(b.quantity) as quantity,
            app.field_read(b.invoice_date) as invoice_date,
            app.field_read(b.unit_price) as unit_price,
            app.field_read(b.customer_id) as customer_id,
            app.field_read(b.country) as country
        from pg_temp.bulk_lines as b
        offset 0  -- read each field once, not once a mention
    ) as t;

    analyze pg_temp.retail_lines;

    create temporary table retail_customers on commit drop as
    with numbers as (
        select distinct l.customer_no
        from pg_temp.retail_lines as l
        where l.reason is null
    )
    select n.customer_no, c.user_id
    from numbers as n
    left join app.customer_find(array(select n.customer_no from numbers as n)) as c
        on c.number = n.customer_no;

    analyze pg_temp.retail_customers;

    -- An invoice belongs to the customer and the country of its order or, if it is new, of its
    -- first line; and its order must be able to hold its total.
    with invoices as (
        select
            l.invoice_no,
            (array_agg(l.customer_no order by l.line))[1] as customer_no,
            (array_agg(l.country order by l.line))[1] as country,
            sum(l.quantity * l.unit_price) as total
        from pg_temp.retail_lines as l
        where l.reason is null
        group by l.invoice_no
    ),
    verdicts as (
        select
            l.line,
            case
                when o.id is null and (l.customer_no, l.country) <> (i.customer_no, i.country)
                    then 'invoice_contradicts'
                when o.id is not null and (c.user_id, l.country) is distinct from (o.user_id, o.country::text)
                    then 'invoice_contradicts'
                when coalesce(o.total, 0) + i.total > 9999999999.99
                    then 'invoice_too_large'
            end::app.reject_reason as reason
        from pg_temp.retail_lines as l
        join invoices as i on i.invoice_no = l.invoice_no
        left join app.orders as o on o.source_invoice = l.invoice_no
        join pg_temp.retail_customers as c on c.customer_no = l.customer_no
        where l.reason is null
    )
    update pg_temp.retail_lines as l
    set reason = v.reason
    from verdicts as v
    where l.line = v.line
        and v.reason is not null;

    grant select on pg_temp.retail_lines, pg_temp.retail_customers to penstock_clerk;
end
$$;

comment on function app.retail_stage() is
    'Reads pg_temp.bulk_lines into pg_temp.retail_lines, typed and each rejected line with its reason, and pg_temp.retail_customers.';

grant execute on function app.retail_stage() to staff, admin;

commit;
