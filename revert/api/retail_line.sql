begin;

drop type api.retail_line;

commit;
