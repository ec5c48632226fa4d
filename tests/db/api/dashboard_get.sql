begin;

\ir ../house/personas.psql
\ir ../house/sales.psql

select plan(21);

-- Signature
select function_returns('api', 'dashboard_get', array['date', 'date'], 'api.dashboard');
select volatility_is('api', 'dashboard_get', array['date', 'date'], 'stable');

-- Behaviour: two days, and the two days before
set local timezone = 'Pacific/Auckland';
select pg_temp.be('staff', :sam);
select * from api.dashboard_get('2015-03-01', '2015-03-02') \gset
select is(:'from'::date, '2015-03-01', 'from');
select is(:'to'::date, '2015-03-02', 'to');
select is(:revenue, 42.49, 'revenue, without the cancelled order');
select is(:orders, 3, 'orders');
select is(:average_order, 14.16, 'average order, to the penny');
select is(:units, 8, 'units');
select is(:new_customers, 1, 'ada is new, bob bought before');
select results_eq(
    $$select product_id, sku::text, name::text, units, revenue from unnest((api.dashboard_get('2015-03-01', '2015-03-02')).top_products)$$,
    format($$values (%s::bigint, 'T-LAMP', 'Lamp', 3::bigint, 29.99), (%s, 'T-BOWL', 'Bowl', 5, 12.50)$$, :lamp, :bowl),
    'products by revenue, at the price they were sold for'
);
select results_eq(
    $$select country::text, orders, revenue from unnest((api.dashboard_get('2015-03-01', '2015-03-02')).revenue_by_country)$$,
    $$values ('France', 2::bigint, 32.50), ('Germany', 1, 9.99)$$,
    'countries by revenue'
);
select results_eq(
    $$select day, orders, revenue from unnest((api.dashboard_get('2015-02-28', '2015-03-03')).revenue_by_day)$$,
    $$values ('2015-02-28'::date, 1::bigint, 5.00), ('2015-03-01', 2, 32.49), ('2015-03-02', 1, 10.00), ('2015-03-03', 0, 0)$$,
    'every day in UTC, also without orders'
);
select is(
    (select to_jsonb(d.change) from api.dashboard_get('2015-03-01', '2015-03-02') as d),
    '{"revenue": 7.4980, "orders": 2.0000, "average_order": 1.8320, "units": 7.0000, "new_customers": 0.0000}',
    'the change'
);
select is(
    (select to_jsonb(d.change) from api.dashboard_get('2015-02-27', '2015-03-02') as d),
    '{"revenue": null, "orders": null, "average_order": null, "units": null, "new_customers": null}',
    'no change where there was nothing before'
);
select is(
    (select to_jsonb(d) - 'change' from api.dashboard_get('2014-01-01', '2014-01-01') as d),
    '{
        "from": "2014-01-01", "to": "2014-01-01", "revenue": 0, "orders": 0, "average_order": null, "units": 0,
        "new_customers": 0, "top_products": [], "revenue_by_country": [],
        "revenue_by_day": [{"day": "2014-01-01", "orders": 0, "revenue": 0}]
    }',
    'a day without anything'
);
select is((select array_length(d.revenue_by_day, 1) from api.dashboard_get() as d), 30, 'thirty days, unless told otherwise');

-- The sums agree with each other
select is(sum(c.revenue), 42.49, 'countries add up')
from unnest((api.dashboard_get('2015-03-01', '2015-03-02')).revenue_by_country) as c;
select is(sum(d.revenue), 42.49, 'days add up')
from unnest((api.dashboard_get('2015-03-01', '2015-03-02')).revenue_by_day) as d;

-- Errors
select is(
    pg_temp.refusal($$select api.dashboard_get('2015-03-02', '2015-03-01')$$),
    'PT422 dashboard_period_in_order: The period begins after it ends: "from" must not be later than "to".',
    'from > to'
);

-- Permission
select is(pg_temp.callers('api.dashboard_get(date, date)'), 'staff, admin', 'staff and admins alone');
select pg_temp.be('member', :ada);
select throws_ok('select api.dashboard_get()', '42501', null, 'members are refused');

select * from finish();

rollback;
