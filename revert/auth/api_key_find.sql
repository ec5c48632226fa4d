begin;

drop function auth.api_key_find(bytea);

commit;
