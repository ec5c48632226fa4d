begin;

drop function auth.login_find(text);

commit;
