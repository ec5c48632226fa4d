begin;

drop function api.order_ship(bigint);

commit;
