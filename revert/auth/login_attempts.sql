begin;

drop table auth.login_attempts;

commit;
