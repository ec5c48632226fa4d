begin;

drop function app.retail_stage();

commit;
