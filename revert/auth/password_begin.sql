begin;

drop function auth.password_begin(bigint, uuid);

commit;
