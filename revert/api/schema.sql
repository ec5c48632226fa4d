begin;

drop schema api;

commit;
