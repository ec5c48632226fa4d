begin;

drop domain api.password;

commit;
