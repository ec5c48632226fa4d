begin;

\ir ../house/personas.psql
\ir ../house/long_calls.psql

select plan(11);

create function pg_temp.seen(call_id uuid) returns text language sql as $$
    select coalesce((select c.state from penstock.long_call_find(call_id) as c), 'nothing')
$$;

-- Signature
select volatility_is('penstock', 'long_call_find', array['uuid'], 'volatile');
select isnt_definer('penstock', 'long_call_find', array['uuid']);

-- Behaviour. That a lock of another's connection is respected is shown in tests/api/test_long_calls.py:
-- one's own stands in nobody's way, so here every call is without one.
select pg_temp.be('member', :bob);
select is(pg_temp.seen(:'theirs'), 'failed', 'what says it runs, and nobody does, is lost');
select is(
    (select c.body ->> 'type' from penstock.long_call_find(:'theirs') as c), '/problems/call-lost', 'with a problem'
);
select is(pg_temp.seen(:'ours'), 'nothing', 'what is another''s is not there');
select pg_temp.be('staff', :ada);
select is(pg_temp.seen(:'ours'), 'nothing', 'nor what one did in another role');
select pg_temp.be('admin', :eve);
select is(pg_temp.seen(:'theirs'), 'failed', 'admins see all');
select pg_temp.be('member', :ada);
select penstock.long_call_end(:'ours', 200, '{}');
select is(pg_temp.seen(:'ours'), 'done', 'what is done stays so');
select is(pg_temp.seen(gen_random_uuid()), 'nothing', 'nothing of what never was');

-- Permission
reset role;
select is(pg_temp.callers('penstock.long_call_find(uuid)'), 'member, staff, admin');
select table_privs_are('penstock', 'long_calls', 'member', array['SELECT']);

select * from finish();

rollback;
