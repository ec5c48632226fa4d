-- Deploy request/user_id
-- requires: request/claims

begin;

create or replace function request.user_id()
    returns bigint
    stable
    parallel safe
    language sql
as $$
    -- A subject that is no number is not a user: null, which no policy matches.
    select substring(request.claims() ->> 'sub' from '^[0-9]{1,18}$')::bigint
$$;

comment on function request.user_id() is
    'The user who is calling, or null. In a policy write (select request.user_id()): once a statement, not once a row.';

grant execute on function request.user_id()
    to anon, member, staff, admin, gatekeeper, penstock_agent, penstock_clerk, report_owner;

commit;
