begin;

drop type api.session;

commit;
