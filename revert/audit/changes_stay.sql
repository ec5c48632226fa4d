begin;

drop trigger changes_stay on audit.changes;
drop function audit.changes_stay();

commit;
