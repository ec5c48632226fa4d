begin;

drop function api.post_delete(bigint);

commit;
