-- Deploy audit/tables_policy
-- requires: audit/tables

begin;

alter table audit.tables enable row level security, force row level security;

-- The owner sees everything, and alone says what is recorded.
drop policy if exists tables_owner on audit.tables;
create policy tables_owner on audit.tables to penstock_owner
    using (true) with check (true);

commit;
