begin;

\ir ../house/personas.psql
\ir ../house/long_calls.psql

select plan(5);

update penstock.long_calls set begun_at = now() - interval '8 days' where id = :'theirs';
update penstock.long_calls set begun_at = now() - interval '6 days' where id = :'ours';

-- Signature
select volatility_is('penstock', 'long_calls_prune', '{}'::name[], 'volatile');

-- Behaviour
set local role penstock_agent;
select is(penstock.long_calls_prune(), 1::bigint, 'what is older than seven days is cleared away');
select results_eq(
    'select id from penstock.long_calls', format('values (%L::uuid)', :'ours'), 'what is not stays'
);
reset role;

-- Permission
select function_privs_are('penstock', 'long_calls_prune', '{}'::name[], 'penstock_agent', array['EXECUTE']);
select table_privs_are('penstock', 'long_calls', 'penstock_agent', array['SELECT', 'INSERT', 'UPDATE', 'DELETE']);

select * from finish();

rollback;
