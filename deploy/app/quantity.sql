-- Deploy app/quantity
-- requires: app/schema

begin;

do $$
begin
    create domain app.quantity as integer
        constraint quantity_positive check (value >= 1)
        constraint quantity_in_range check (value <= 1000000);
exception
    when duplicate_object then null;  -- deployed before: a domain has no "if not exists"
end
$$;

comment on domain app.quantity is 'How many pieces of a product.';
comment on constraint quantity_positive on domain app.quantity is
    'A quantity is at least 1.';
comment on constraint quantity_in_range on domain app.quantity is
    'A quantity is at most 1,000,000.';

commit;
