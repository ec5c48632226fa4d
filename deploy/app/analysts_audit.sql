-- Deploy app/analysts_audit
-- requires: app/analysts audit/rows_record audit/rows_forget

begin;

call audit.rows_record('app.analysts');

commit;
