-- Deploy app/sales_days
-- requires: app/schema

begin;

create table if not exists app.sales_days (
    day date not null,
    orders bigint not null,
    units bigint not null,
    revenue numeric not null,
    constraint sales_days_pkey primary key (day)
) with (fillfactor = 50);

comment on table app.sales_days is
    'Roll-up: sales by day. Add app.sales_pending; rows without orders mean nothing.';
comment on column app.sales_days.day is 'The day, in UTC.';
comment on column app.sales_days.orders is
    'How many orders with at least one line, without cancelled ones.';
comment on column app.sales_days.units is 'How many pieces they hold.';
comment on column app.sales_days.revenue is 'The sum of quantity times unit price.';

commit;
