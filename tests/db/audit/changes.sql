begin;

\ir ../house/personas.psql

select plan(12);

-- Everybody who is not the owner: those who call, those who log in, and the narrow roles.
create temporary table others (name) on commit drop as
values
    ('anon'), ('member'), ('staff'), ('admin'), ('authenticator'), ('gatekeeper'), ('penstock_agent'),
    ('penstock_clerk'), ('report_owner'), ('reporter');
create temporary table attempts (statement) on commit drop as
values
    ('select from audit.changes'), ('update audit.changes set subject = ''7'''),
    ('delete from audit.changes'), ('truncate audit.changes'),
    ('insert into audit.changes (login, role, table_name, operation) values (''x'', ''x'', ''app.users'', ''insert'')'),
    ('alter table audit.changes disable trigger all'), ('drop table audit.changes'),
    ('select audit.changes_prune(''infinity'')'), ('update audit.tables set reason = ''none''');
grant select on others, attempts to public;

-- What this role is not refused.
create function pg_temp.open_to(role name) returns setof text language plpgsql as $$
declare
    v_statement text;
    v_said text;
begin
    for v_statement in select a.statement from attempts as a loop
        perform pg_temp.be(role);
        v_said := pg_temp.refusal(v_statement);
        reset role;
        if v_said !~ '^42501' then
            return next concat_ws(': ', role, v_statement, v_said);
        end if;
    end loop;
end
$$;

select is((select count(*) from others cross join attempts), 90::bigint, 'ten roles, nine ways');
select is_empty('select pg_temp.open_to(o.name) from others as o', 'nobody reads or changes the record');

-- Nor have they a right by which they could.
select is_empty(
    $$select o.name from others as o
    where has_schema_privilege(o.name, 'audit', 'usage') or has_table_privilege(o.name, 'audit.changes', 'select, insert, update, delete, truncate')
        or pg_has_role(o.name, 'penstock_auditor', 'member')$$,
    'and nobody becomes the auditor'
);

-- Control
grant usage on schema audit to admin;
grant update (subject), select on audit.changes to admin;
create policy planted on audit.changes to admin using (true);
alter table audit.changes disable trigger changes_stay;
select set_eq(
    $$select pg_temp.open_to('admin')$$,
    array[
        'admin: select from audit.changes: not refused',
        'admin: update audit.changes set subject = ''7'': not refused'
    ],
    'with rights, a policy and without the trigger they could'
);
alter table audit.changes enable trigger changes_stay;
select set_eq(
    $$select pg_temp.open_to('admin')$$, array['admin: select from audit.changes: not refused'], 'the trigger alone would stop them'
);

-- The auditor appends, and nothing else.
select table_privs_are('audit', 'changes', 'penstock_auditor', array['SELECT', 'INSERT', 'DELETE']);
set local role penstock_auditor;
select throws_ok($$update audit.changes set subject = '7'$$, '42501', 'permission denied for table changes', 'the auditor rewrites nothing');
reset role;

-- The owner and superusers are told that they slip.
set local role penstock_owner;
select throws_ok($$update audit.changes set subject = '7'$$, '42501', 'What was recorded stays as it is: no UPDATE on audit.changes.', 'the owner does not update');
select throws_ok('delete from audit.changes', '42501', 'What was recorded stays as it is: no DELETE on audit.changes.', 'nor delete');
select throws_ok('truncate audit.changes', '42501', 'What was recorded stays as it is: no TRUNCATE on audit.changes.', 'nor truncate');
reset role;
select throws_ok($$update audit.changes set subject = '7'$$, '42501', 'What was recorded stays as it is: no UPDATE on audit.changes.', 'nor does a superuser');

-- By the clock: who waited for somebody's lock changes the row after them, though they began before.
select ok(
    (select count(distinct c.at) > 1 and min(c.at) > now() from audit.changes as c where c.xid = pg_current_xact_id()),
    'a change is as late as it is'
);

select * from finish();

rollback;
