begin;

drop type api.user;

commit;
