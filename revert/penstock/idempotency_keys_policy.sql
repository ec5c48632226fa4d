begin;

drop policy idempotency_keys_owner on penstock.idempotency_keys;
drop policy idempotency_keys_agent on penstock.idempotency_keys;

revoke all on penstock.idempotency_keys from penstock_agent;

alter table penstock.idempotency_keys disable row level security, no force row level security;

commit;
