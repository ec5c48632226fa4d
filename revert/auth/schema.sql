begin;

drop schema auth;

commit;
