begin;

drop function auth.login_begin(text, bytea);

commit;
