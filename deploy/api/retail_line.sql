-- Deploy api/retail_line
-- requires: api/schema

begin;

do $$
begin
    create type api.retail_line as (
        invoice_no text,
        stock_code text,
        description text,
        quantity text,
        invoice_date text,
        unit_price text,
        customer_id text,
        country text
    );
exception
    when duplicate_object then null;  -- deployed before: a type has no "if not exists"
end
$$;

comment on type api.retail_line is
    'A line of the retail file, as it stands there. All are texts: what is wrong with a line is for the import to say.';
comment on column api.retail_line.invoice_no is 'The invoice''s number; a C in front marks a cancellation.';
comment on column api.retail_line.stock_code is 'The product''s code, which begins with five digits; others are charges.';
comment on column api.retail_line.description is 'What the product is called.';
comment on column api.retail_line.quantity is 'How many pieces.';
comment on column api.retail_line.invoice_date is 'When the invoice was written, in UTC: YYYY-MM-DD HH:MM:SS.';
comment on column api.retail_line.unit_price is 'What a piece cost.';
comment on column api.retail_line.customer_id is 'The customer''s number, also as 17850.0.';
comment on column api.retail_line.country is 'The country the invoice went to.';

commit;
