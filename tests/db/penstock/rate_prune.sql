begin;

select plan(5);

delete from penstock.rate_limits;
insert into penstock.rate_limits (key, whole_at)
values
    ('00000000-0000-0000-0000-000000000001', clock_timestamp() - interval '1 second'),
    ('00000000-0000-0000-0000-000000000002', clock_timestamp() + interval '1 hour');

-- Signature
select volatility_is('penstock', 'rate_prune', '{}'::name[], 'volatile');

-- Behaviour
select is(penstock.rate_prune(), 1::bigint, 'what is whole again is cleared away');
select results_eq(
    'select key from penstock.rate_limits', $$values ('00000000-0000-0000-0000-000000000002'::uuid)$$, 'what counts stays'
);

-- Permission
select function_privs_are('penstock', 'rate_prune', '{}'::name[], 'penstock_agent', array['EXECUTE']);
select table_privs_are('penstock', 'rate_limits', 'penstock_agent', array['SELECT', 'INSERT', 'UPDATE', 'DELETE']);

select * from finish();

rollback;
