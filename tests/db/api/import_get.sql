begin;

\ir ../house/personas.psql
\ir ../house/retail.psql

select plan(6);

-- Signature
select volatility_is('api', 'import_get', array['bigint'], 'stable');
select function_lang_is('api', 'import_get', array['bigint'], 'sql');

-- Behaviour
select pg_temp.post('536365,85123A,HEART,6,2010-12-01 08:26:00,2.55,17850,France', 'C1,,,,,,,', 'C2,,,,,,,');
select pg_temp.be('staff', :sam);
select r.import_id, r::text as report from api.retail_import() as r \gset
select pg_temp.be('admin', :eve);
select is((select r::text from api.import_get(:import_id) as r), :'report', 'says what the import said');
select is(
    (select to_jsonb(r) -> 'reasons' from api.import_get(:import_id) as r),
    '[{"reason": "cancellation", "lines": 2}]',
    'reasons are objects'
);
select is_empty('select api.import_get(-1)', 'nothing of an import that was never made');

-- Permission
select is(pg_temp.callers('api.import_get(bigint)'), 'staff, admin', 'staff and admins alone');

select * from finish();

rollback;
