begin;

drop trigger users_end_sessions on app.users;

drop function auth.users_end_sessions();

commit;
