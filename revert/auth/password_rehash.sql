begin;

drop function auth.password_rehash(bigint, api.password);

commit;
