begin;

select plan(5);

-- Signature
select volatility_is('app', 'sales_day', array['app.order_status', 'timestamp with time zone'], 'immutable');

-- Behaviour
set local timezone = 'Pacific/Auckland';
select is(app.sales_day('placed', '2015-03-01 00:00Z'), '2015-03-01', 'the day in UTC');
select is(app.sales_day('delivered', '2015-03-01 23:59:59.999999Z'), '2015-03-01', 'to its end');
select is(app.sales_day('cancelled', '2015-03-01 12:00Z'), null, 'none for a cancelled order');
select is(app.sales_day('paid', '-infinity'), '-infinity', 'and there is always one else');

select * from finish();

rollback;
