begin;

drop table audit.tables;

commit;
