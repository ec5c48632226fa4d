begin;

\ir ../house/personas.psql

select plan(9);

-- Signature
select is_definer('audit', 'changes_prune', array['timestamp with time zone']);
select function_owner_is('audit', 'changes_prune', array['timestamp with time zone'], 'penstock_auditor');

-- Behaviour
insert into audit.changes (at, login, role, table_name, operation)
select timestamptz '2001-01-01' + n * interval '1 day', 'x', 'x', 'app.users', 'insert'
from generate_series(0, 9) as n;

set local session authorization penstock_deployer;
set local role penstock_owner;
select is(audit.changes_prune('2001-01-04'), 3::bigint, 'what was before a moment goes');
select is((select min(c.at) from audit.changes as c), '2001-01-04', 'that moment itself stays');
select results_eq(
    $$select c.login, c.role, c.table_name, c.before ->> 'rows', (c.before ->> 'before')::timestamptz
    from audit.changes as c where c.operation = 'prune'$$,
    $$values ('penstock_deployer', 'penstock_owner', 'audit.changes', '3', timestamptz '2001-01-04')$$,
    'that it went, and who saw to it, is recorded'
);
select is(audit.changes_prune('2001-01-04'), 0::bigint, 'again, there is nothing to do');
select is((select count(*) from audit.changes as c where c.operation = 'prune'), 1::bigint, 'nor to record');
select is(audit.changes_prune(null), 0::bigint, 'no moment, no loss');
reset session authorization;

-- Permission
select is_empty(
    $$select r.rolname from pg_roles as r
    where has_function_privilege(r.oid, 'audit.changes_prune(timestamptz)', 'execute')
        and not r.rolsuper
        and r.rolname not in ('penstock_owner', 'penstock_deployer', 'penstock_auditor')$$,
    'it is the owner''s'
);

select * from finish();

rollback;
