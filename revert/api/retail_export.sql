begin;

drop function api.retail_export();

commit;
