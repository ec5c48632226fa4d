-- Deploy app/sales_fold_job
-- requires: app/sales_fold penstock/job_schedule

begin;

grant usage on schema app to penstock_agent;
grant execute on function app.sales_fold() to penstock_agent;

call penstock.job_schedule('sales_fold', 'select app.sales_fold()', '1 minute');

commit;
