begin;

select plan(4);

-- Signature
select volatility_is('app', 'sales_block', array['date'], 'immutable');

-- Behaviour
select results_eq(
    $$select app.sales_block(d) from unnest(array['2000-01-01', '2000-01-16', '2000-01-17', '1999-12-31']::date[]) as d$$,
    array['2000-01-01', '2000-01-01', '2000-01-17', '1999-12-16']::date[],
    'sixteen days begin at their first, also before 2000'
);
select set_eq(
    $$select count(*) from generate_series(timestamp '1899-06-01', '1901-06-01', '1 day') as d
        where app.sales_block(d::date) not between d::date - 15 and d::date$$,
    array[0::bigint],
    'every day lies in its block'
);
select results_eq(
    $$select app.sales_block(d) from unnest(array['-infinity', 'infinity']::date[]) as d$$,
    array['-infinity', 'infinity']::date[],
    'the ends of the calendar are blocks of their own'
);

select * from finish();

rollback;
