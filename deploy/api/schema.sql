-- Deploy api/schema

begin;

create schema if not exists api;

comment on schema api is
    'The functions that are endpoints, and the types they take and return. No tables.';

grant usage on schema api to anon, member, staff, admin;

commit;
