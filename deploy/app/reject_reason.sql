-- Deploy app/reject_reason
-- requires: app/schema

begin;

do $$
begin
    create type app.reject_reason as enum (
        'unreadable',
        'invoice_missing',
        'cancellation',
        'invoice_malformed',
        'stock_code_not_goods',
        'stock_code_malformed',
        'quantity_malformed',
        'quantity_not_positive',
        'price_malformed',
        'price_not_positive',
        'customer_missing',
        'customer_malformed',
        'date_malformed',
        'country_malformed',
        'invoice_contradicts',
        'invoice_too_large'
    );
exception
    when duplicate_object then null;  -- deployed before: a type has no "if not exists"
end
$$;

comment on type app.reject_reason is $$
Why a line of an import was rejected. A line has one reason, the first of these that holds.
unreadable: it could not be split into its fields.
invoice_missing: it names no invoice.
cancellation: its invoice starts with C.
invoice_malformed: its invoice is longer than 40 characters.
stock_code_not_goods: its stock code does not begin with five digits: postage, fees, discounts.
stock_code_malformed: its stock code begins so, but goes on as no SKU can.
quantity_malformed, quantity_not_positive: its quantity is no whole number up to 1,000,000, or not above zero.
price_malformed, price_not_positive: its price is no amount of pounds and whole pence below 1,000,000, or not above zero.
customer_missing, customer_malformed: its customer id is blank, or no whole number above zero.
date_malformed: its invoice date is no YYYY-MM-DD HH:MM:SS.
country_malformed: its country is blank or longer than 60 characters.
invoice_contradicts: its invoice is already another customer's or another country's.
invoice_too_large: its invoice comes to more than an order's total can hold.
$$;

commit;
