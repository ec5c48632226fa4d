begin;

drop type audit.operation;

commit;
