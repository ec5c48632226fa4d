begin;

\ir ../house/personas.psql
\ir ../house/sales.psql
\ir ../house/recount.psql

select plan(4);

select app.sales_fold();
select is((select sum(s.orders) from app.sales_countries as s), 4::numeric, 'orders that count');

-- Lines alone: their orders stay, and tell who is no new customer.
truncate app.order_lines;
select is_empty('select pg_temp.rollup_faults()', 'no line is left in the roll-ups');
select is((select count(*) from app.sales_customers as s where s.bought_on is null), 2::bigint, 'but when customers first ordered');
set local client_min_messages = warning;
truncate app.orders cascade;
select is_empty('select from app.sales_customers', 'orders with their lines');


select * from finish();

rollback;
