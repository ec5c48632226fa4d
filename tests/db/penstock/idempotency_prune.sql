begin;

select plan(5);

delete from penstock.idempotency_keys;
insert into penstock.idempotency_keys (id, route, request, status, kept_at)
values
    ('00000000-0000-0000-0000-000000000001', 'POST /a', gen_random_uuid(), 200, now() - interval '25 hours'),
    ('00000000-0000-0000-0000-000000000002', 'POST /a', gen_random_uuid(), 200, now() - interval '23 hours');

-- Signature
select volatility_is('penstock', 'idempotency_prune', '{}'::name[], 'volatile');

-- Behaviour
set local role penstock_agent;
select is(penstock.idempotency_prune(), 1::bigint, 'what is older than a day is cleared away');
select results_eq(
    'select id from penstock.idempotency_keys', $$values ('00000000-0000-0000-0000-000000000002'::uuid)$$, 'what is not stays'
);
reset role;

-- Permission
select function_privs_are('penstock', 'idempotency_prune', '{}'::name[], 'penstock_agent', array['EXECUTE']);
select table_privs_are('penstock', 'idempotency_keys', 'penstock_agent', array['SELECT', 'INSERT', 'DELETE']);

select * from finish();

rollback;
