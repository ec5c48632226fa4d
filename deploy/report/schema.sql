-- Deploy report/schema

begin;

create schema if not exists report;

comment on schema report is
    'Stable views for analysts and their tools.';

grant usage on schema report to reporter;

-- The views belong to report_owner, so that the policies made for it decide what they show.
grant usage, create on schema report to report_owner;

commit;
