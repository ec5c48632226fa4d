-- Deploy audit/tables_policy
-- requires: audit/tables

begin;

alter table audit.tables enable row level security, force row level security;

-- The owner sees everything, and alone says what is recorded.
drop policy if exists tables_owner on audit.tables;
create policy tables_owner on audit.tables to penstock_owner
    using (true) with check (true);

-- The auditor reads it for the lint, whoever asks.
drop policy if exists tables_auditor on audit.tables;
create policy tables_auditor on audit.tables for select to penstock_auditor
    using (true);

grant select on audit.tables to penstock_auditor;

commit;
