begin;

drop function api.order_cancel(bigint);

commit;
