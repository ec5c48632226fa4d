begin;

\ir ../house/personas.psql
\ir ../house/retail.psql

select plan(6);

-- Signature
select volatility_is('api', 'import_reject_list', array['bigint', 'app.reject_reason', 'api.page_size', 'jsonb'], 'stable');

-- Behaviour
select pg_temp.post('C1,,,,,,,', '1,POST,,,,,,', 'C3,,,,,,,', '2,12345,A,1,2010-12-01 08:26:00,1,1,France', 'five');
select pg_temp.be('staff', :sam);
select import_id from api.retail_import() \gset
select results_eq(
    format('select line, reason::text, problem, raw from api.import_reject_list(%s)', :import_id),
    $$values
        (2::bigint, 'cancellation', null, 'C1,,,,,,,'),
        (3, 'stock_code_not_goods', null, '1,POST,,,,,,'),
        (4, 'cancellation', null, 'C3,,,,,,,'),
        (6, 'unreadable', 'It has other fields.', 'five')$$,
    'every reject, in the order of the file'
);
select results_eq(
    format('select line from api.import_reject_list(%s, ''cancellation'')', :import_id),
    array[2, 4]::bigint[],
    'those of a reason'
);
select results_eq(
    format('select line from api.import_reject_list(%s, null, 2, ''{"line": 3}'')', :import_id),
    array[4, 6]::bigint[],
    'the page after'
);

-- Errors
select throws_ok('select api.import_reject_list(-1)', 'P0002', 'There is no import -1.', 'an import that was never made');

-- Permission
select is(
    pg_temp.callers('api.import_reject_list(bigint, app.reject_reason, api.page_size, jsonb)'),
    'staff, admin',
    'staff and admins alone'
);

select * from finish();

rollback;
