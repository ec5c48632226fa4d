-- Deploy audit/changes_policy
-- requires: audit/changes

begin;

alter table audit.changes enable row level security, force row level security;

-- The owner sees everything, or its own migrations would change nothing.
drop policy if exists changes_owner on audit.changes;
create policy changes_owner on audit.changes to penstock_owner
    using (true) with check (true);

-- The auditor, whom nobody becomes and who owns the triggers, appends.
drop policy if exists changes_append on audit.changes;
create policy changes_append on audit.changes for insert to penstock_auditor
    with check (true);

-- It reads them for admins, and clears away what is old.
drop policy if exists changes_read on audit.changes;
create policy changes_read on audit.changes for select to penstock_auditor
    using (true);
drop policy if exists changes_prune on audit.changes;
create policy changes_prune on audit.changes for delete to penstock_auditor
    using (true);

grant select, insert, delete on audit.changes to penstock_auditor;

commit;
