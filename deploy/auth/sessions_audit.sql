-- Deploy auth/sessions_audit
-- requires: auth/sessions audit/rows_record audit/rows_forget

begin;

call audit.rows_record('auth.sessions');

commit;
