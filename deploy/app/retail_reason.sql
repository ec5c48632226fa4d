-- Deploy app/retail_reason
-- requires: app/reject_reason app/integer_read app/price_read app/timestamp_read
-- The rules of acceptance, one a line. The arguments are as app.field_read leaves them; the
-- limits are those of the columns that the values go to. Rules about a whole invoice are in
-- app.retail_stage: they take more than the line to see.

begin;

create or replace function app.retail_reason(
    problem text,
    invoice_no text,
    stock_code text,
    quantity text,
    invoice_date text,
    unit_price text,
    customer_id text,
    country text
)
    returns app.reject_reason
    stable
    parallel safe
    language sql
as $$
    select case
        when problem is not null then 'unreadable'
        when invoice_no is null then 'invoice_missing'
        when invoice_no ilike 'C%' then 'cancellation'
        when length(invoice_no) > 40 then 'invoice_malformed'
        when stock_code ~ '^[0-9]{5}' is not true then 'stock_code_not_goods'
        when stock_code !~ '^[A-Za-z0-9._-]{5,40}$' then 'stock_code_malformed'
        when coalesce(app.integer_read(quantity), 1000001) > 1000000 then 'quantity_malformed'
        when app.integer_read(quantity) <= 0 then 'quantity_not_positive'
        when app.price_read(unit_price) is null then 'price_malformed'
        when app.price_read(unit_price) <= 0 then 'price_not_positive'
        when customer_id is null then 'customer_missing'
        when coalesce(app.integer_read(customer_id), 0) <= 0 then 'customer_malformed'
        when app.timestamp_read(invoice_date) is null then 'date_malformed'
        when length(country) <= 60 is not true then 'country_malformed'
    end::app.reject_reason
$$;

comment on function app.retail_reason(text, text, text, text, text, text, text, text) is
    'Why a line of the retail file is rejected on its own account, or null.';

grant execute on function app.retail_reason(text, text, text, text, text, text, text, text)
    to staff, admin;

commit;
