begin;

drop function api.product_delete(bigint);

commit;
