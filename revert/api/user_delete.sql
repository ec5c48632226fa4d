begin;

drop function api.user_delete(bigint);

commit;
