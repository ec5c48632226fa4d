begin;

\ir ../house/personas.psql
\ir ../house/long_calls.psql

select plan(5);

-- Signature
select volatility_is('api', 'job_get', array['uuid'], 'stable');
select isnt_definer('api', 'job_get', array['uuid']);

-- Behaviour
select pg_temp.be('member', :ada);
select penstock.long_call_end(:'ours', 201, '{"lines": 3}');
select is(
    (select (to_jsonb(j) - 'begun_at' - 'ended_at') from api.job_get(:'ours') as j),
    jsonb_build_object(
        'id', :'ours', 'request', 'POST /products/bulk', 'state', 'done', 'lines', 3, 'done', 3, 'status', 201,
        'result', '{"lines": 3}'::jsonb
    ),
    'says what came of it'
);
select is_empty(format('select api.job_get(%L)', :'theirs'), 'nothing of what is another''s');

-- Permission
reset role;
select is(pg_temp.callers('api.job_get(uuid)'), 'member, staff, admin');

select * from finish();

rollback;
