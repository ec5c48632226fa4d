begin;

drop function api.user_update(bigint, app.email, app.username, app.full_name, app.user_role);

commit;
