begin;

\ir ../house/personas.psql

select plan(9);

-- Signature
select volatility_is('auth', 'attempt_take', array['bytea', 'bytea'], 'volatile');

-- Behaviour
select pg_temp.be('gatekeeper');
select is(
    array(select (auth.attempt_take(sha256('ada'), '')).wait_seconds is null from generate_series(1, 10)),
    array_fill(true, array[10]), 'ten tries'
);
select is((select t.attempt from auth.attempt_take(sha256('ada'), '') as t), null, 'and no more');
select ok((select t.wait_seconds between 890 and 901 from auth.attempt_take(sha256('ada'), '') as t), 'for fifteen minutes');
select is((select cardinality(a.recent) from auth.login_attempts as a), 10, 'who is refused is not counted: they would never end');
select isnt((select t.attempt from auth.attempt_take(sha256('bob'), '') as t), null, 'another account has its own');
select isnt((select t.attempt from auth.attempt_take(sha256('ada'), 'd') as t), null, 'and so has a device');

-- It slides: what is fifteen minutes ago counts no more, the rest does.
update auth.login_attempts
set recent = array(select now() - interval '14 minutes' - n * interval '12 seconds' from generate_series(9, 0, -1) as n)
where account = sha256('ada') and device = '';
select is(
    array(select (auth.attempt_take(sha256('ada'), '')).wait_seconds is null from generate_series(1, 6)),
    array[true, true, true, true, true, false], 'five of ten are past'
);

-- Permission
select is(pg_temp.callers('auth.attempt_take(bytea, bytea)'), null, 'no caller takes one');

select * from finish();

rollback;
