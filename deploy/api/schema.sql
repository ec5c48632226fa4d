-- Deploy api/schema

begin;

create schema if not exists api;

comment on schema api is
    'The functions that are endpoints, and the types they take and return. No tables.';

-- Those who call, and the narrow roles that some of the functions belong to.
grant usage on schema api to anon, member, staff, admin, gatekeeper, penstock_clerk;

commit;
