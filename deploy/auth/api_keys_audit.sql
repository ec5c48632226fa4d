-- Deploy auth/api_keys_audit
-- requires: auth/api_keys audit/rows_record audit/rows_forget

begin;

call audit.rows_record('auth.api_keys', secret => '{key_hash}');

commit;
