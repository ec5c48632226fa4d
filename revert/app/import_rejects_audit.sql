begin;

call audit.rows_forget('app.import_rejects');

commit;
