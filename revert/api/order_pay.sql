begin;

drop function api.order_pay(bigint);

commit;
