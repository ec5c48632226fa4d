-- Deploy request/role

begin;

create or replace function request.role()
    returns name
    stable
    parallel safe
    language sql
as $$
    -- The setting and not current_user, which inside a security definer function is the
    -- function's owner; and not a claim, which is only what a token says.
    select coalesce(nullif(current_setting('role'), 'none')::name, session_user)
$$;

comment on function request.role() is
    'The role the request runs as, also inside security definer functions.';

grant execute on function request.role()
    to anon, member, staff, admin, gatekeeper, penstock_agent, penstock_clerk, report_owner;

commit;
