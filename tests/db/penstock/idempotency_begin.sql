begin;

\ir ../house/personas.psql

select plan(12);

create function pg_temp.begin(key text, route text default 'POST /things') returns text language sql as $$
    select pg_temp.refusal(format('select penstock.idempotency_begin(%L, %L, 50)', route, key))
$$;

-- Signature
select volatility_is('penstock', 'idempotency_begin', array['text', 'text', 'integer'], 'volatile');
select is_definer('penstock', 'idempotency_begin', array['text', 'text', 'integer']);

-- Behaviour
select pg_temp.be('member', :ada);
select is(pg_temp.begin('k'), 'not refused', 'a new key goes on');
select is(pg_temp.begin('k'), 'not refused', 'twice in one transaction too, as nothing was kept');
select is(current_setting('lock_timeout'), '0', 'the timeout of others'' locks is left alone');
select penstock.idempotency_keep('POST /things', 'k', gen_random_uuid(), 201, '{}');
select is(
    pg_temp.begin('k'), 'PK001: A request with this key was answered already.', 'what was answered does not go on'
);
select is(pg_temp.begin('k', 'POST /others'), 'not refused', 'on another route it does');
select pg_temp.be('member', :bob);
select is(pg_temp.begin('k'), 'not refused', 'and for another user');
select pg_temp.be('staff', :ada);
select is(pg_temp.begin('k'), 'not refused', 'and in another role');
select pg_temp.be('anon');
select is(pg_temp.begin('k'), 'not refused', 'and without a token');

-- Permission
reset role;
select is(pg_temp.callers('penstock.idempotency_begin(text, text, integer)'), 'anon, member, staff, admin');
select pg_temp.be('member', :ada);
select throws_ok('select * from penstock.idempotency_keys', '42501', null, 'nobody looks into what is kept');

select * from finish();

rollback;
