begin;

drop view report.customers;

commit;
