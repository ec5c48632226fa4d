begin;

call audit.rows_forget('app.users');

commit;
