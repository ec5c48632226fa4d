-- Deploy auth/schema

begin;

create schema if not exists auth;

comment on schema auth is
    'Credentials and sessions: reached by gatekeeper alone.';

grant usage on schema auth to gatekeeper;

commit;
