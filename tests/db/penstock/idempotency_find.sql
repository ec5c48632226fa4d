begin;

\ir ../house/personas.psql

select plan(9);

create function pg_temp.found(key text) returns bigint language sql as $$
    select count(*) from penstock.idempotency_find('POST /things', key)
$$;

-- What the personas' own beginning has touched is no part of this.
delete from penstock.touches;
select set_config('penstock.touched', '', true);

-- Signature
select volatility_is('penstock', 'idempotency_find', array['text', 'text'], 'stable');
select is_definer('penstock', 'idempotency_find', array['text', 'text']);

-- Behaviour
select pg_temp.be('member', :ada);
select is(pg_temp.found('k'), 0::bigint, 'what was not answered is not found');
select penstock.idempotency_keep('POST /things', 'k', gen_random_uuid(), 200, '1');
select is(pg_temp.found('k'), 1::bigint, 'what was is');
select is((select f.touched from penstock.idempotency_find('POST /things', 'k') as f), null, 'it touched nothing');
select penstock.touch('thing:7', 'things'), penstock.touch('others');
select is(
    (select f.touched::jsonb from penstock.idempotency_find('POST /things', 'k') as f),
    to_jsonb(current_setting('penstock.touched')::text[]), 'or what penstock.touch says, in its own form'
);
select pg_temp.be('member', :bob);
select is(pg_temp.found('k'), 0::bigint, 'nobody finds what was another''s');
select pg_temp.be('staff', :ada);
select is(pg_temp.found('k'), 0::bigint, 'nor what they were answered in another role');

-- Permission
reset role;
select is(pg_temp.callers('penstock.idempotency_find(text, text)'), 'anon, member, staff, admin');

select * from finish();

rollback;
