begin;

call audit.rows_forget('auth.credentials');

commit;
