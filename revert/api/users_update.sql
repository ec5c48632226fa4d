begin;

drop function api.users_update();

commit;
