begin;

\ir ../house/personas.psql

select plan(6);

-- Signature
select volatility_is('auth', 'attempt_return', array['bigint', 'timestamp with time zone'], 'volatile');

-- Behaviour
select pg_temp.be('gatekeeper');
select t.attempt as first from auth.attempt_take(sha256('ada@example.org'), '') as t \gset
select t.attempt as second from auth.attempt_take(sha256('ada@example.org'), '') as t \gset

select lives_ok(format('select auth.attempt_return(%s, %L)', :ada, :'first'), 'the first is given back');
select is((select a.recent from auth.login_attempts as a), array[:'second'::timestamptz], 'the second still counts');
select lives_ok(format('select auth.attempt_return(%s, %L)', :bob, :'second'), 'another user''s');
select is((select a.recent from auth.login_attempts as a), array[:'second'::timestamptz], 'changes nothing');

-- Permission
select is(pg_temp.callers('auth.attempt_return(bigint, timestamptz)'), null, 'no caller gives one back');

select * from finish();

rollback;
