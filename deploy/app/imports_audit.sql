-- Deploy app/imports_audit
-- requires: app/imports audit/rows_record audit/rows_forget

begin;

call audit.rows_record('app.imports');

commit;
