begin;

call audit.rows_forget('app.orders');

commit;
