-- Deploy auth/devices_audit
-- requires: auth/devices audit/rows_record audit/rows_forget

begin;

call audit.rows_record('auth.devices', ignored => '{used_at}', secret => '{token_hash}');

commit;
