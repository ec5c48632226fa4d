-- Deploy audit/schema
-- requires: penstock/schema

begin;

create schema if not exists audit;

comment on schema audit is
    'Who changed what, and when: written by triggers, read by admins and DBAs, changed by nobody.';

grant usage on schema audit to penstock_auditor;

commit;
