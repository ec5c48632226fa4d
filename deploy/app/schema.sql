-- Deploy app/schema

begin;

create schema if not exists app;

comment on schema app is
    'The domain: tables, types, triggers and policies. Rows are reached through policies only.';

grant usage on schema app to anon, member, staff, admin, gatekeeper, penstock_clerk, report_owner;

commit;
