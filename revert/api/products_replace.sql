begin;

drop function api.products_replace();

commit;
