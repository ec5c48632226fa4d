begin;

drop function api.post_publish(bigint);

commit;
