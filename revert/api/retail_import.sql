begin;

drop function api.retail_import();

commit;
