begin;

drop policy changes_owner on audit.changes;
drop policy changes_append on audit.changes;
drop policy changes_read on audit.changes;
drop policy changes_prune on audit.changes;

revoke all on audit.changes from penstock_auditor;

alter table audit.changes disable row level security, no force row level security;

commit;
