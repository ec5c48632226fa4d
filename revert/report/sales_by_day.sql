begin;

drop view report.sales_by_day;

commit;
