begin;

drop function api.order_get(bigint);

commit;
