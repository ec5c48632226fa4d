begin;

\ir ../house/personas.psql
\ir ../house/long_calls.psql

select plan(9);

create function pg_temp.end(call_id uuid) returns text language sql as $$
    select pg_temp.refusal(format('select penstock.long_call_end(%L, 201, %L)', call_id, '{"lines": 3}'))
$$;

-- Signature
select volatility_is('penstock', 'long_call_end', array['uuid', 'integer', 'json'], 'volatile');
select is_definer('penstock', 'long_call_end', array['uuid', 'integer', 'json']);

-- Behaviour
select pg_temp.be('member', :bob);
select is(
    pg_temp.end(:'theirs'),
    'PK003: This call is not running any more: nothing of it may be kept.',
    'without its lock it was told to be lost'
);
select matches(pg_temp.end(:'ours'), '^PK003', 'nobody ends what is another''s');
select pg_temp.be('staff', :ada);
select matches(pg_temp.end(:'ours'), '^PK003', 'nor in another role');
select pg_temp.be('member', :ada);
select is(pg_temp.end(:'ours'), 'not refused', 'with its lock it is ended');
select results_eq(
    format($$select state, status, body::text, ended_at >= begun_at from penstock.long_calls where id = %L$$, :'ours'),
    $$values ('done', 201, '{"lines": 3}', true)$$,
    'and done'
);
select matches(pg_temp.end(:'ours'), '^PK003', 'once');

-- Permission
reset role;
select is(pg_temp.callers('penstock.long_call_end(uuid, integer, json)'), 'member, staff, admin');

select * from finish();

rollback;
