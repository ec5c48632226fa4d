-- Deploy auth/credentials_audit
-- requires: auth/credentials audit/rows_record audit/rows_forget

begin;

call audit.rows_record('auth.credentials');

commit;
