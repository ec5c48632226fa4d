begin;

drop function api.product_get(bigint);

commit;
