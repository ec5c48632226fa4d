begin;

call audit.rows_forget('auth.refresh_tokens');

commit;
