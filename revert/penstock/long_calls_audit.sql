begin;

call audit.rows_forget('penstock.long_calls');

commit;
