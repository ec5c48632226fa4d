-- Deploy app/sales_countries
-- requires: app/country

begin;

create table if not exists app.sales_countries (
    day date not null,
    country app.country not null,
    orders bigint not null,
    units bigint not null,
    revenue numeric not null,
    constraint sales_countries_pkey primary key (day, country)
) with (fillfactor = 80);

comment on table app.sales_countries is
    'Roll-up: sales by day and country. Add app.sales_pending; rows without orders mean nothing.';
comment on column app.sales_countries.day is 'The day, in UTC.';
comment on column app.sales_countries.country is 'The country.';
comment on column app.sales_countries.orders is
    'How many orders with at least one line, without cancelled ones.';
comment on column app.sales_countries.units is 'How many pieces they hold.';
comment on column app.sales_countries.revenue is 'The sum of quantity times unit price.';

commit;
