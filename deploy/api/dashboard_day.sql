-- Deploy api/dashboard_day
-- requires: api/schema

begin;

do $$
begin
    create type api.dashboard_day as (
        day date,
        orders bigint,
        revenue numeric
    );
exception
    when duplicate_object then null;  -- deployed before: a type has no "if not exists"
end
$$;

comment on type api.dashboard_day is 'What a day brought.';
comment on column api.dashboard_day.day is 'The day, in UTC.';
comment on column api.dashboard_day.orders is 'How many orders were placed.';
comment on column api.dashboard_day.revenue is 'The sum of quantity times unit price.';

commit;
