begin;

drop table auth.credentials;

commit;
