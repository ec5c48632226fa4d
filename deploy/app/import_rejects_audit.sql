-- Deploy app/import_rejects_audit
-- requires: app/import_rejects audit/rows_record audit/rows_forget

begin;

call audit.rows_record('app.import_rejects');

commit;
