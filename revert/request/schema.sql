begin;

drop schema request;

commit;
