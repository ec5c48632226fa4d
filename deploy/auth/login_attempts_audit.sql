-- Deploy auth/login_attempts_audit
-- requires: auth/login_attempts audit/rows_skip audit/rows_forget

begin;

call audit.rows_skip('auth.login_attempts', 'A count that clears itself away; it names nobody.');

commit;
