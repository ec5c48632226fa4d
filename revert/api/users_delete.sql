begin;

drop function api.users_delete();

commit;
