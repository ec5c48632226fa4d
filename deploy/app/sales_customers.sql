-- Deploy app/sales_customers
-- requires: app/users

begin;

create table if not exists app.sales_customers (
    user_id bigint not null,
    ordered_on date not null,
    bought_on date,
    constraint sales_customers_pkey primary key (user_id)
);

create index if not exists sales_customers_by_start
    on app.sales_customers (bought_on) include (ordered_on, user_id);

comment on table app.sales_customers is
    'Roll-up: when each customer began. For those in app.sales_customers_pending that holds instead.';
comment on column app.sales_customers.user_id is 'The customer.';
comment on column app.sales_customers.ordered_on is
    'The day, in UTC, of their first order that was not cancelled.';
comment on column app.sales_customers.bought_on is
    'The same of their first order that has lines; null if none has.';

commit;
