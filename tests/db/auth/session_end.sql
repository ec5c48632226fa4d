begin;

\ir ../house/personas.psql

select plan(9);

-- Signature
select volatility_is('auth', 'session_end', array['uuid', 'bytea'], 'volatile');

-- Behaviour
select pg_temp.be('gatekeeper');
select s.session_id as hers from auth.session_start(:ada, sha256('a'), sha256('d'), null, null) as s \gset
select s.session_id as his from auth.session_start(:bob, sha256('b'), sha256('d'), null, null) as s \gset

select lives_ok('select auth.session_end()', 'none at all');
select lives_ok($$select auth.session_end(null, sha256('none'))$$, 'one that never was');
select is((select count(*) from auth.sessions as s where s.ended_at is not null), 0::bigint, 'end nothing');
select lives_ok(format('select auth.session_end(%L)', :'hers'), 'by its id');
select results_eq('select id from auth.sessions where ended_at is not null', format('values (%L::uuid)', :'hers'), 'one ends');
select lives_ok($$select auth.session_end(null, sha256('b'))$$, 'by its token');
select is((select count(*) from auth.sessions as s where s.ended_at is not null), 2::bigint, 'so does the other');

-- Permission
select is(pg_temp.callers('auth.session_end(uuid, bytea)'), null, 'no caller ends one by its id alone');

select * from finish();

rollback;
