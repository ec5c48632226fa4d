begin;

drop trigger users_admin_not_self on app.users;

drop function app.users_admin_not_self();

commit;
