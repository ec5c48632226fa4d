begin;

\ir ../house/personas.psql

select plan(14);

-- Signature
select volatility_is('auth', 'session_start', array['bigint', 'bytea', 'bytea', 'text', 'timestamp with time zone'], 'volatile');

-- Behaviour
insert into auth.login_attempts (account, recent) values (sha256('sam@example.org'), array['2026-01-01Z', '2026-01-02Z']::timestamptz[]);

select pg_temp.be('gatekeeper');
select is(
    (select s.role from auth.session_start(:sam, sha256('r1'), sha256('d1'), repeat('a', 300), '2026-01-02Z') as s),
    'staff', 'it says the role of this moment'
);
select results_eq(
    'select user_id, role::text, length(agent), ended_at from auth.sessions',
    format('values (%s::bigint, ''staff'', 200, null::timestamptz)', :sam), 'and keeps it, and who it says to be'
);
select results_eq('select token_hash, used_at from auth.refresh_tokens', $$values (sha256('r1'), null::timestamptz)$$, 'with a token to refresh it');
select results_eq('select token_hash, user_id from auth.devices', format($$values (sha256('d1'), %s::bigint)$$, :sam), 'and the device');
select results_eq('select recent from auth.login_attempts', $$values (array['2026-01-01Z']::timestamptz[])$$, 'the try is given back, another one is not');

select isnt(
    (select s.session_id from auth.session_start(:sam, sha256('r2'), sha256('d1'), null, null) as s),
    (select s.session_id from auth.session_start(:sam, sha256('r3'), sha256('d1'), null, null) as s),
    'each login has its own'
);
select is((select count(*) from auth.devices), 1::bigint, 'the device is the same');
select lives_ok(format($$select auth.session_start(%s, sha256('r4'), sha256('d1'), null, null)$$, :ada), 'a device of another');
select is((select d.user_id from auth.devices as d), :sam::bigint, 'stays theirs');

select auth.session_start(:ada, sha256(('r' || n)::bytea), sha256(('d' || n)::bytea), null, null)
from generate_series(10, 40) as n
\g /dev/null
select is((select count(*) from auth.devices as d where d.user_id = :ada), 20::bigint, 'twenty devices are remembered');

select is_empty($$select auth.session_start(0, sha256('x'), sha256('x'), null, null)$$, 'who is gone begins none');
reset role;
update app.users set is_active = false where id = :sam;
select pg_temp.be('gatekeeper');
select is_empty(format($$select auth.session_start(%s, sha256('y'), sha256('y'), null, null)$$, :sam), 'nor does who is not active');

-- Permission
select is(pg_temp.callers('auth.session_start(bigint, bytea, bytea, text, timestamptz)'), null, 'no caller begins one');

select * from finish();

rollback;
