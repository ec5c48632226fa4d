begin;

drop function api.products_update();

commit;
