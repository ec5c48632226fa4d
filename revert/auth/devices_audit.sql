begin;

call audit.rows_forget('auth.devices');

commit;
