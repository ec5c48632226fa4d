begin;

drop function api.user_unlock(bigint);

commit;
