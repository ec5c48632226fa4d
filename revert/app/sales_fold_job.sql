begin;

call penstock.job_forget('sales_fold');

revoke execute on function app.sales_fold() from penstock_agent;
revoke usage on schema app from penstock_agent;

commit;
