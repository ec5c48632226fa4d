begin;

drop function api.products_delete();

commit;
