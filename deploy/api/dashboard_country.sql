-- Deploy api/dashboard_country
-- requires: api/schema app/country

begin;

do $$
begin
    create type api.dashboard_country as (
        country app.country,
        orders bigint,
        revenue numeric
    );
exception
    when duplicate_object then null;  -- deployed before: a type has no "if not exists"
end
$$;

comment on type api.dashboard_country is 'What a country brought in a period.';
comment on column api.dashboard_country.country is 'The country.';
comment on column api.dashboard_country.orders is 'How many orders went there.';
comment on column api.dashboard_country.revenue is 'The sum of quantity times unit price.';

commit;
