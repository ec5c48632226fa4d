begin;

drop function api.user_activate(bigint);

commit;
