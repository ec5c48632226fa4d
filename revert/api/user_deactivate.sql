begin;

drop function api.user_deactivate(bigint);

commit;
