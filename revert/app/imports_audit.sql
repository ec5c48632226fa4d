begin;

call audit.rows_forget('app.imports');

commit;
