begin;

\ir ../house/personas.psql

select plan(13);

-- Signature
select volatility_is('app', 'dashboard_period', array['date', 'date'], 'stable');

-- Behaviour, wherever the session is
set local timezone = 'Pacific/Auckland';
select results_eq(
    $$select before, begins, ends from app.dashboard_period('2010-12-01', '2010-12-31')$$,
    $$values ('2010-10-31T00:00Z'::timestamptz, '2010-12-01T00:00Z'::timestamptz, '2011-01-01T00:00Z'::timestamptz)$$,
    'both days in full, in UTC, and as much before'
);
select results_eq(
    $$select first_day, last_day from app.dashboard_period(null, '2011-01-30')$$,
    $$values ('2011-01-01'::date, '2011-01-30'::date)$$,
    'thirty days'
);
select is(last_day, (now() at time zone 'UTC')::date, 'up to today') from app.dashboard_period(null, null);
select lives_ok($$select app.dashboard_period('2010-01-01', '2012-01-01')$$, 'two years');

-- Errors
select is(pg_temp.refusal($$select app.dashboard_period('2011-01-02', '2011-01-01')$$),
    'PT422 dashboard_period_in_order: The period begins after it ends: "from" must not be later than "to".',
    'from > to');
select is(pg_temp.refusal(format('select app.dashboard_period(%L, %L)', p.a, p.b)),
    'PT422 dashboard_period_in_bounds: A period lies between the years 1900 and 2999 and holds at most 731 days.',
    p.a || ' to ' || p.b)
from (
    values
        ('2010-01-01', '2012-01-02'),
        ('-infinity', '2012-01-02'),
        ('2012-01-02', 'infinity'),
        ('-infinity', 'infinity'),
        ('4713-01-01 BC', '4713-01-02 BC'),
        ('5874897-12-30', '5874897-12-31')
) as p (a, b);

-- Permission
select is(pg_temp.callers('app.dashboard_period(date, date)'), 'staff, admin', 'staff and admins alone');

select * from finish();

rollback;
