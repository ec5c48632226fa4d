begin;

drop schema app;

commit;
