begin;

\ir ../house/personas.psql

select plan(4);

-- Signature
select volatility_is('auth', 'caller_is', array['bigint', 'uuid'], 'volatile');

-- Behaviour
select pg_temp.be('gatekeeper');
select s.session_id as hers from auth.session_start(:ada, sha256('a'), sha256('d'), null, null) as s \gset
select results_eq(
    $$select request.claims() ->> 'sub', request.claims() ->> 'sid'$$,
    format('values (%L, %L)', (:ada)::text, :'hers'), 'who has logged in calls from here on'
);
select pg_temp.be('gatekeeper');
select auth.session_end(null, sha256('a')) \g /dev/null
select is(request.claims() ->> 'sub', (:ada)::text, 'and who logs out');

-- Permission
select is(pg_temp.callers('auth.caller_is(bigint, uuid)'), null, 'no caller is who they say');

select * from finish();

rollback;
