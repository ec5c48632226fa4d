begin;

\ir ../house/personas.psql
\ir ../house/long_calls.psql

select plan(6);

-- Signature
select volatility_is('penstock', 'long_call_fail', array['uuid', 'integer', 'json'], 'volatile');
select is_definer('penstock', 'long_call_fail', array['uuid', 'integer', 'json']);

-- Behaviour
select pg_temp.be('member', :ada);
select penstock.long_call_fail(:'theirs', 422, '{}');
select penstock.long_call_fail(:'ours', 422, '{"status": 422}');
reset role;
select results_eq(
    'select state, status, body::text from penstock.long_calls order by id',
    $$values ('failed', 422, '{"status": 422}'), ('running', null, null)$$,
    'fails what is the caller''s'
);
select pg_temp.be('member', :ada);
select penstock.long_call_fail(:'ours', 500, null);
select is(c.status, 422, 'what has ended stays as it is') from penstock.long_calls as c where c.id = :'ours';
select throws_ok(
    format('select penstock.long_call_end(%L, 200, null)', :'ours'), 'PK003', null, 'and is not done any more'
);

-- Permission
reset role;
select is(pg_temp.callers('penstock.long_call_fail(uuid, integer, json)'), 'member, staff, admin');

select * from finish();

rollback;
