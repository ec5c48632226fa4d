begin;

call audit.rows_forget('auth.api_keys');

commit;
