begin;

drop function api.orders_place();

commit;
