begin;

drop schema audit;

commit;
