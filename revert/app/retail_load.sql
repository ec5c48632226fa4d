begin;

drop function app.retail_load();

commit;
