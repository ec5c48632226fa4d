begin;

drop function api.user_register(app.email, app.username, api.password, app.full_name);

commit;
