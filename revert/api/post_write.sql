begin;

drop function api.post_write(app.title, app.body);

commit;
