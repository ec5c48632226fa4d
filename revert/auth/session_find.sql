begin;

drop function auth.session_find(uuid);

commit;
