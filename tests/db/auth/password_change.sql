begin;

\ir ../house/personas.psql

select plan(10);

-- Signature
select volatility_is('auth', 'password_change', array['bigint', 'uuid', 'api.password', 'timestamp with time zone', 'bytea'], 'volatile');

-- Behaviour
insert into auth.credentials (user_id, password_hash, changed_at) values (:ada, '$argon2id$v=19$old', '2026-01-01Z');

select pg_temp.be('gatekeeper');
select s.session_id as here from auth.session_start(:ada, sha256('1'), sha256('d'), null, null) as s \gset
select s.session_id as there from auth.session_start(:ada, sha256('2'), sha256('d'), null, null) as s \gset
select s.session_id as his from auth.session_start(:bob, sha256('3'), sha256('e'), null, null) as s \gset

select lives_ok(format('select auth.password_change(%s, %L, %L, null)', :ada, :'here', '$argon2id$v=19$new'), 'another password');
select is((select c.password_hash::text from auth.credentials as c), '$argon2id$v=19$new', 'is kept');
select ok((select c.changed_at = now() from auth.credentials as c), 'as of now');
select set_eq('select id from auth.sessions where ended_at is null', format('values (%L::uuid), (%L)', :'here', :'his'), 'her other session ends, his goes on');
select results_eq('select user_id from auth.devices', format('values (%s::bigint)', :bob), 'where the old one was known is not known any more');
select auth.session_start(:ada, sha256('4'), sha256('f'), null, null), auth.session_start(:ada, sha256('5'), sha256('g'), null, null)
\g /dev/null
select lives_ok(format('select auth.password_change(%s, %L, %L, null, sha256(''g''))', :ada, :'here', '$argon2id$v=19$newer'), 'from a device that is known');
select results_eq(format('select token_hash from auth.devices where user_id = %s', :ada), $$values (sha256('g'))$$, 'it stays so, others don''t');

-- Errors
select throws_ok(format('select auth.password_change(%s, %L, %L, null)', :ada, :'here', 'plain'), '23514', null, 'a password that is not hashed');

-- Permission
select is(pg_temp.callers('auth.password_change(bigint, uuid, api.password, timestamptz, bytea)'), null, 'no caller changes one without the old');

select * from finish();

rollback;
