begin;

\ir ../house/personas.psql
\ir ../house/long_calls.psql

select plan(8);

-- Signature
select volatility_is('penstock', 'long_call_begin', array['uuid', 'text', 'bigint'], 'volatile');
select is_definer('penstock', 'long_call_begin', array['uuid', 'text', 'bigint']);

-- Behaviour
select gen_random_uuid() as id \gset
select pg_temp.be('member', :ada);
select is(penstock.long_call_begin(:'id', 'POST /things', 5), :'id'::uuid, 'gives the id');
select results_eq(
    format($$select subject, role::text collate "default", request, lines, state, status from penstock.long_calls where id = %L$$, :'id'),
    format($$values (%L, 'member', 'POST /things', 5::bigint, 'running', null::integer)$$, :'ada'),
    'it runs, for its caller'
);
select throws_ok(
    format('select penstock.long_call_begin(%L, %L, 1)', :'theirs', 'POST /things'), '23505', null, 'nobody begins what is another''s'
);

-- Permission
select throws_ok(
    $$insert into penstock.long_calls (id, role, subject, request, lines) values (gen_random_uuid(), 'admin', '1', 'x', 1)$$,
    '42501', null, 'nobody writes by themselves'
);
reset role;
select is(pg_temp.callers('penstock.long_call_begin(uuid, text, bigint)'), 'member, staff, admin');
select pg_temp.be('member');
select throws_ok(
    format('select penstock.long_call_begin(%L, %L, 1)', gen_random_uuid(), 'POST /things'),
    '23502', null, 'a job belongs to somebody'
);

select * from finish();

rollback;
