begin;

call audit.rows_forget('app.analysts');

commit;
