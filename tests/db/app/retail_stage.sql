begin;

\ir ../house/personas.psql
\ir ../house/retail.psql

select plan(8);

-- Signature
select function_returns('app', 'retail_stage', '{}'::name[], 'void');

-- Behaviour
select pg_temp.post(
    ' 536365 , 85123A , WHITE HEART ,6, 2010-12-01 08:26:00 ,2.55, 17850.0 , France ',
    '536366,85123A,,x,2010-12-01 08:26:00,2.55,17850.0,France'
);
select pg_temp.be('staff', :sam);
select lives_ok('select app.retail_stage()', 'reads the lines');
select results_eq(
    'select line, invoice_no, stock_code, description, quantity, placed_at, unit_price, customer_no, country, reason::text from pg_temp.retail_lines order by line',
    $$values
        (2::bigint, '536365', '85123A', 'WHITE HEART', 6, '2010-12-01T08:26Z'::timestamptz, 2.55, 17850, 'France', null),
        (3, '536366', '85123A', null, null, '2010-12-01T08:26Z', 2.55, 17850, 'France', 'quantity_malformed')$$,
    'trimmed, typed and judged'
);
select results_eq(
    'select customer_no, user_id from pg_temp.retail_customers',
    'values (17850, null::bigint)',
    'a customer nobody knows yet'
);
select ok(has_table_privilege('penstock_clerk', 'pg_temp.retail_lines', 'select'), 'the clerk may read them');
select ok(not has_table_privilege('penstock_clerk', 'pg_temp.bulk_lines', 'select'), 'but not the file');
select lives_ok('select app.retail_stage()', 'may be repeated in a transaction');

-- Permission
select is(pg_temp.callers('app.retail_stage()'), 'staff, admin', 'staff and admins alone');

select * from finish();

rollback;
