-- Deploy request/schema

begin;

create schema if not exists request;

comment on schema request is
    'Who is calling: the only readers of the claims that the API sets for each request.';

grant usage on schema request to anon, member, staff, admin, gatekeeper, penstock_agent, penstock_clerk, report_owner;

commit;
