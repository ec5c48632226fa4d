begin;

select plan(5);

-- A crash empties both, so that the caches begin anew with the database.
select is(
    (select array_agg(c.relname::text order by c.relname) from pg_class as c
    join pg_namespace as n on n.oid = c.relnamespace
    where n.nspname = 'penstock' and c.relpersistence = 'u' and c.relkind = 'r'),
    '{incarnation,rate_limits,touches}', 'what is lost in a crash is lost together'
);
select throws_ok($$insert into penstock.incarnation (one) values (false)$$, '23514', null, 'there is one incarnation at a time');
insert into penstock.incarnation default values on conflict do nothing;
select throws_ok('insert into penstock.incarnation default values', '23505', null, 'and its name stays');

-- Permission
select table_privs_are('penstock', 'touches', 'penstock_agent', array['SELECT', 'INSERT', 'DELETE']);
select table_privs_are('penstock', 'incarnation', 'penstock_agent', array['SELECT', 'INSERT']);

select * from finish();

rollback;
