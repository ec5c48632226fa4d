-- Deploy request/claims

begin;

create or replace function request.claims()
    returns jsonb
    stable
    parallel safe
    language sql
as $$
    -- After a transaction a setting that was local to it reads '', not null.
    select nullif(current_setting('request.jwt.claims', true), '')::jsonb
$$;

comment on function request.claims() is
    'The verified claims of the caller''s token, or null for a caller without one.';

grant execute on function request.claims()
    to anon, member, staff, admin, gatekeeper, penstock_agent, penstock_clerk, report_owner;

commit;
