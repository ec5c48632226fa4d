begin;

drop table auth.sessions;

commit;
