-- Deploy penstock/schema
-- The machinery's room, and the two things every later change relies on: the roles, and that
-- nobody may execute a function unless its own script says so.

begin;

do $$
declare
    v_missing text;
begin
    select string_agg(r.name, ', ' order by r.name)
    into v_missing
    from unnest(array[
        'penstock_owner', 'penstock_deployer', 'authenticator', 'penstock_agent', 'gatekeeper',
        'penstock_clerk', 'penstock_auditor', 'report_owner', 'reporter', 'anon', 'member', 'staff',
        'admin'
    ]) as r (name)
    where not exists (select from pg_catalog.pg_roles as p where p.rolname = r.name);

    if v_missing is not null then
        raise exception 'These roles are missing: %.', v_missing
            using hint = 'Run db/roles.sql as a superuser first: psql --file db/roles.sql';
    end if;

    if current_user <> 'penstock_owner' then
        raise exception 'The changes must be deployed as penstock_owner, not as %.', current_user
            using hint = 'Connect as penstock_deployer: it becomes penstock_owner at login.';
    end if;
end
$$;

-- Global on purpose: the form with "in schema" can only add to the built-in grant to PUBLIC,
-- it can't take it away.
alter default privileges revoke execute on functions from public;

create schema if not exists penstock;

comment on schema penstock is
    'The machinery: what is served, and what the catalogue lint finds.';

grant usage on schema penstock to penstock_agent;

-- What is deployed is asked at /readyz; Sqitch's registry says it, where it has its usual name.
do $$
begin
    if to_regclass('sqitch.changes') is not null then
        grant usage on schema sqitch to penstock_agent;
        grant select on sqitch.changes to penstock_agent;
    end if;
end
$$;

commit;
