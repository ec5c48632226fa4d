begin;

drop function audit.changes_prune(timestamptz);

commit;
