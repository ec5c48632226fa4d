begin;

drop function api.users_create();

commit;
