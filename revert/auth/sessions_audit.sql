begin;

call audit.rows_forget('auth.sessions');

commit;
