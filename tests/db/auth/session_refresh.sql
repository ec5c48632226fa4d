begin;

\ir ../house/personas.psql

select plan(15);

-- Signature
select volatility_is('auth', 'session_refresh', array['bytea', 'bytea', 'timestamp with time zone'], 'volatile');

-- Behaviour
select pg_temp.be('gatekeeper');
select s.session_id as hers from auth.session_start(:ada, sha256('1'), sha256('d'), null, null) as s \gset

select results_eq(
    $$select outcome, session_id, user_id, role from auth.session_refresh(sha256('1'), sha256('2'))$$,
    format('values (''refreshed'', %L::uuid, %s::bigint, ''member'')', :'hers', :ada), 'a token for the next one'
);
select is((select r.outcome from auth.session_refresh(sha256('2'), sha256('3')) as r), 'refreshed', 'and that for the next');
select is((select r.outcome from auth.session_refresh(sha256('none'), sha256('x')) as r), 'ended', 'one that never was');

-- Whoever came before the token was changed could not know of it.
select is((select r.outcome from auth.session_refresh(sha256('2'), sha256('x'), '2026-01-01Z') as r), 'overtaken', 'one that came before');
select is((select s.ended_at from auth.sessions as s), null, 'ends nothing');

-- Whoever comes after has kept it, or stolen it.
select is((select r.outcome from auth.session_refresh(sha256('1'), sha256('x')) as r), 'replayed', 'an ancestor');
select isnt((select s.ended_at from auth.sessions as s), null, 'ends the session');
select is((select r.outcome from auth.session_refresh(sha256('3'), sha256('4')) as r), 'ended', 'its newest token too');
select is((select count(*) from auth.refresh_tokens), 3::bigint, 'nothing was handed out meanwhile');

-- Each alone is enough.
select s.session_id from auth.session_start(:bob, sha256('b'), sha256('d'), null, null) as s \gset
reset role;
update auth.refresh_tokens set expires_at = now() where token_hash = sha256('b');
select pg_temp.be('gatekeeper');
select is((select r.outcome from auth.session_refresh(sha256('b'), sha256('x')) as r), 'ended', 'a token that has expired');
select is((select s.ended_at from auth.sessions as s where s.user_id = :bob), null, 'is no replay');

-- Errors
select throws_ok(
    format($$insert into auth.refresh_tokens (token_hash, session_id) values (sha256('z'), %L)$$, :'session_id'),
    '23505', null, 'a session has one token that is unused'
);
select throws_ok(
    format($$insert into auth.refresh_tokens (token_hash, session_id) values ('short', %L)$$, :'session_id'),
    '23514', null, 'kept as a hash'
);

-- Permission
select is(pg_temp.callers('auth.session_refresh(bytea, bytea, timestamptz)'), null, 'no caller refreshes one');

select * from finish();

rollback;
