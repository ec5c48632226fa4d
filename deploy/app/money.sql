-- Deploy app/money
-- requires: app/schema
-- NaN is greater than any number in PostgreSQL: the upper bound refuses it too.

begin;

do $$
begin
    create domain app.money as numeric(12,2)
        constraint money_not_negative check (value >= 0)
        constraint money_in_range check (value <= 9999999999.99);
exception
    when duplicate_object then null;  -- deployed before: a domain has no "if not exists"
end
$$;

comment on domain app.money is 'An amount of money in the shop''s currency.';
comment on constraint money_not_negative on domain app.money is
    'An amount of money is not negative.';
comment on constraint money_in_range on domain app.money is
    'An amount of money is at most 9,999,999,999.99.';

commit;
