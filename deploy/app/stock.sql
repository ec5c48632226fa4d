-- Deploy app/stock
-- requires: app/schema

begin;

do $$
begin
    create domain app.stock as integer
        constraint stock_not_negative check (value >= 0)
        constraint stock_in_range check (value <= 1000000000);
exception
    when duplicate_object then null;  -- deployed before: a domain has no "if not exists"
end
$$;

comment on domain app.stock is 'How many pieces of a product are there to sell.';
comment on constraint stock_not_negative on domain app.stock is
    'A stock is not negative.';
comment on constraint stock_in_range on domain app.stock is
    'A stock is at most 1,000,000,000.';

commit;
