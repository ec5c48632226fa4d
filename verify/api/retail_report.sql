begin;

select null::api.retail_report;

rollback;
