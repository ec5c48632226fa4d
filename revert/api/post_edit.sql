begin;

drop function api.post_edit(bigint, app.title, app.body);

commit;
