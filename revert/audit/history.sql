begin;

drop view audit.history;

commit;
