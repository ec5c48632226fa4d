begin;

drop function api.products_create();

commit;
