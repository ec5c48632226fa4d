begin;

\ir ../house/personas.psql

select plan(8);

create function pg_temp.found(key text) returns text language sql as $$
    select concat_ws(' ', f.request, f.status, f.headers, f.body)
    from penstock.idempotency_find('POST /things', key) as f
$$;

-- Signature
select volatility_is('penstock', 'idempotency_keep', array['text', 'text', 'uuid', 'integer', 'text'], 'volatile');
select is_definer('penstock', 'idempotency_keep', array['text', 'text', 'uuid', 'integer', 'text']);

-- Behaviour
select pg_temp.be('member', :ada);
select penstock.idempotency_keep('POST /things', 'plain', '00000000-0000-0000-0000-000000000001', 201, '{"id": 7}');
select is(pg_temp.found('plain'), '00000000-0000-0000-0000-000000000001 201 {"id": 7}', 'the answer is kept');
select set_config('response.status', '202', true), set_config('response.headers', '[{"A": "b"}]', true);
select penstock.idempotency_keep('POST /things', 'said', '00000000-0000-0000-0000-000000000001', 201, null);
select is(
    pg_temp.found('said'), '00000000-0000-0000-0000-000000000001 202 [{"A": "b"}]', 'with what the function has said of it'
);
select throws_ok(
    $$select penstock.idempotency_keep('POST /things', 'said', gen_random_uuid(), 201, null)$$, '23505', null, 'and once'
);
reset role;
select is(
    (select count(*) from penstock.idempotency_keys as k where k.xid = pg_current_xact_id() and k.route = 'POST /things'),
    2::bigint, 'by which transaction, and for what, is kept as well'
);

-- Permission
select is(
    pg_temp.callers('penstock.idempotency_keep(text, text, uuid, integer, text)'), 'anon, member, staff, admin'
);
select pg_temp.be('member', :ada);
select throws_ok(
    $$insert into penstock.idempotency_keys (id, route, request, status) values (gen_random_uuid(), '', gen_random_uuid(), 200)$$,
    '42501', null, 'nobody keeps anything by hand'
);

select * from finish();

rollback;
