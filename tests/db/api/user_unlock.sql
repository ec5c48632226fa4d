begin;

\ir ../house/personas.psql

select plan(8);

-- Signature
select volatility_is('api', 'user_unlock', array['bigint'], 'volatile');
select is_definer('api', 'user_unlock', array['bigint']);
select function_owner_is('api', 'user_unlock', array['bigint'], 'gatekeeper');

-- Behaviour
insert into auth.login_attempts (account, recent) values (sha256('ada@example.org'), '{}'), (sha256('bob@example.org'), '{}');
select pg_temp.be('admin', :eve);
select lives_ok(format('select api.user_unlock(%s)', :ada), 'an admin lets her try again');
select lives_ok(format('select api.user_unlock(%s)', :ada), 'again, to no harm');
select is(pg_temp.refusal('select api.user_unlock(-1)'), 'P0002: There is no user -1.', 'nobody has this number');
reset role;
select results_eq('select account from auth.login_attempts', $$values (sha256('bob@example.org'))$$, 'him not');

-- Permission
select is(pg_temp.callers('api.user_unlock(bigint)'), 'admin', 'who may');

select * from finish();

rollback;
