begin;

call audit.rows_forget('app.products');

commit;
