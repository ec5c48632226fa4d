begin;

call audit.rows_forget('auth.login_attempts');

commit;
