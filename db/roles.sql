-- The roles of Penstock. Roles belong to the whole cluster, so they are made here, once, by a
-- superuser, and not in the plan:
--
--     psql --set ON_ERROR_STOP=1 --file db/roles.sql
--
-- Safe to run again. Passwords are set by whoever runs the cluster, never here.

begin;

do $$
declare
    v_role text;
begin
    foreach v_role in array array[
        'penstock_owner', 'penstock_deployer', 'authenticator', 'penstock_agent', 'gatekeeper',
        'penstock_clerk', 'penstock_auditor', 'report_owner', 'reporter', 'anon', 'member', 'staff',
        'admin'
    ]
    loop
        if not exists (select from pg_catalog.pg_roles as r where r.rolname = v_role) then
            execute format('create role %I', v_role);
        end if;
    end loop;
end
$$;

-- Who deploys. Everything belongs to penstock_owner; the deployer becomes it at login, so that
-- plain `sqitch deploy` makes objects of the right owner.
alter role penstock_owner nologin nosuperuser nobypassrls nocreaterole nocreatedb noreplication;
alter role penstock_deployer login nosuperuser nobypassrls nocreaterole nocreatedb noreplication;
alter role penstock_deployer set role = 'penstock_owner';
-- Scripts that can be run again say "already exists, skipping" at every turn.
alter role penstock_deployer set client_min_messages = 'warning';
grant penstock_owner to penstock_deployer;

-- Who serves. The authenticator can do nothing but become one of these.
alter role authenticator login noinherit nosuperuser nobypassrls nocreaterole nocreatedb noreplication;
alter role anon nologin nosuperuser nobypassrls;
alter role member nologin nosuperuser nobypassrls;
alter role staff nologin nosuperuser nobypassrls;
alter role admin nologin nosuperuser nobypassrls;
grant anon, member, staff, admin, gatekeeper, penstock_agent to authenticator;

-- Narrow roles that own security definer code, so that such code can do little. The owner of
-- the database hands objects over to them.
alter role gatekeeper nologin nosuperuser nobypassrls;        -- passwords and sessions
alter role penstock_agent nologin nosuperuser nobypassrls;    -- the machinery's own tables
alter role penstock_clerk nologin nosuperuser nobypassrls;    -- what the domain must do for a caller
alter role penstock_auditor nologin nosuperuser nobypassrls;  -- the record of what was changed
alter role report_owner nologin nosuperuser nobypassrls;      -- the views that analysts read
grant gatekeeper, penstock_agent, penstock_clerk, penstock_auditor, report_owner to penstock_owner;

-- Who analyses. Granted to each analyst's own login.
alter role reporter nologin nosuperuser nobypassrls;

comment on role penstock_owner is 'Owns every object of Penstock and of the domain; nobody logs in as it.';
comment on role penstock_deployer is 'Logs in to deploy; acts as penstock_owner.';
comment on role authenticator is 'Logs in for the API; may do nothing but become the role of a request.';
comment on role anon is 'A caller without a token.';
comment on role member is 'A caller who has registered; sees and changes what is theirs.';
comment on role staff is 'A caller who works for the domain''s business.';
comment on role admin is 'A caller who manages the callers.';
comment on role gatekeeper is 'Reads and writes credentials and sessions; owns the code that must.';
comment on role penstock_agent is 'Runs the machinery: catalogue changes, cache tags, outbox.';
comment on role penstock_clerk is 'Owns the domain''s security definer functions; can do only what its policies say.';
comment on role penstock_auditor is 'Appends to the record of what was changed; owns the triggers that do. Nobody logs in as it.';
comment on role report_owner is 'Owns the report views; sees what the policies grant the analyst at hand.';
comment on role reporter is 'Granted to each analyst''s login; reads the report views.';

commit;
