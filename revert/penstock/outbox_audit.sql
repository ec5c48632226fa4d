begin;

call audit.rows_forget('penstock.deliveries');
call audit.rows_forget('penstock.events');
call audit.rows_forget('penstock.jobs');
call audit.rows_forget('penstock.webhooks');

commit;
