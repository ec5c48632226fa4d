begin;

drop table audit.changes;

commit;
