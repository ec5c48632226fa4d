begin;

drop function api.user_get(bigint);

commit;
