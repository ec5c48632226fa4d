begin;

drop function api.post_get(bigint);

commit;
