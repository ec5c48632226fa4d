begin;

drop function api.order_deliver(bigint);

commit;
