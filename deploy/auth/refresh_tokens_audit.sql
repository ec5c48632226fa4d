-- Deploy auth/refresh_tokens_audit
-- requires: auth/refresh_tokens audit/rows_record audit/rows_forget

begin;

call audit.rows_record('auth.refresh_tokens', secret => '{token_hash}');

commit;
