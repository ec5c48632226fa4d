begin;

drop type api.retail_report;

commit;
