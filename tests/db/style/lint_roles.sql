begin;

select plan(18);

create function pg_temp.faults() returns setof text language sql as
    $$select l.rule || ' ' || l.object from penstock.lint_roles as l order by l.object, l.rule$$;

-- Roles belong to the cluster, and tests run in parallel: all of this is never committed, and
-- whoever else looks meanwhile sees the roles as they are.
select is_empty('select pg_temp.faults()', 'the roles are as db/roles.sql makes them');

create role planted_analyst login in role reporter;
create role planted_dba superuser;
select is_empty('select pg_temp.faults()', 'near: an analyst, and a superuser who serves nobody');

-- What no policy or grant stops
alter role planted_analyst bypassrls;
select results_eq('select pg_temp.faults()', array['role_power planted_analyst'], 'an analyst with BYPASSRLS');
alter role planted_analyst nobypassrls superuser;
select results_eq('select pg_temp.faults()', array['role_power planted_analyst'], 'an analyst who is a superuser');
select matches((select l.message from penstock.lint_roles as l), 'is a superuser, .* alter role planted_analyst nosuperuser', 'what, and what to do');
alter role planted_analyst nosuperuser replication;
select results_eq('select pg_temp.faults()', array['role_power planted_analyst'], 'who replicates reads every row');
alter role planted_analyst noreplication;

create role planted_middle createrole;
create role planted_near bypassrls;
grant planted_middle to member;
select results_eq('select pg_temp.faults()', array['role_power planted_middle'], 'what a member may become, and nothing else');
revoke planted_middle from member;

-- Who may act as whom
grant penstock_owner to planted_analyst;
select results_eq('select pg_temp.faults()', array['role_reach planted_analyst'], 'an analyst who may act as the owner');
revoke penstock_owner from planted_analyst;
grant penstock_deployer to admin;
select results_eq('select pg_temp.faults()', array[
    'role_reach authenticator', 'role_reach authenticator'
], 'the API, through an admin, as who deploys and as the owner');
revoke penstock_deployer from admin;
grant pg_read_all_data to reporter;
select results_eq($$select f from pg_temp.faults() as f where f ~ '(planted|reporter)'$$, array[
    'role_reach planted_analyst', 'role_reach reporter'
], 'analysts who read past every grant');
revoke pg_read_all_data from reporter;
grant pg_monitor to planted_analyst;
select is_empty('select pg_temp.faults()', 'near: who looks at the server reads no rows');

alter role authenticator inherit;
select results_eq('select pg_temp.faults()', array['role_inherits authenticator'], 'an API with all rights at once');
alter role authenticator noinherit;

-- What PUBLIC is given beforehand
alter default privileges for role penstock_owner grant execute on functions to public;
select results_eq('select pg_temp.faults()', array['default_privileges penstock_owner'], 'functions that everybody may run');
alter default privileges for role penstock_owner revoke execute on functions from public;
alter default privileges for role penstock_owner grant select on tables to public;
select results_eq('select pg_temp.faults()', array['default_privileges penstock_owner'], 'tables that everybody may read');
alter default privileges for role penstock_owner revoke select on tables from public;
alter default privileges for role penstock_owner in schema app grant execute on functions to public;
select results_eq('select pg_temp.faults()', array['default_privileges penstock_owner'], 'in one schema');
alter default privileges for role penstock_owner in schema app revoke execute on functions from public;
alter default privileges for role penstock_owner grant select on tables to reporter;
alter default privileges for role planted_dba grant select on tables to public;
select is_empty('select pg_temp.faults()', 'near: not to PUBLIC, or not by us');

-- Schemas
grant usage on schema app to public;
select results_eq('select pg_temp.faults()', array['no_public_schema app'], 'a schema that everybody may enter');
revoke usage on schema app from public;
select is_empty('select pg_temp.faults()', 'and all is well again');

select * from finish();

rollback;
