-- Deploy penstock/idempotency_keys_policy
-- requires: penstock/idempotency_keys

begin;

alter table penstock.idempotency_keys enable row level security, force row level security;

-- The owner sees everything, or its own migrations would change nothing.
drop policy if exists idempotency_keys_owner on penstock.idempotency_keys;
create policy idempotency_keys_owner on penstock.idempotency_keys to penstock_owner
    using (true) with check (true);

-- The machinery keeps answers, finds them again and clears them away.
drop policy if exists idempotency_keys_agent on penstock.idempotency_keys;
create policy idempotency_keys_agent on penstock.idempotency_keys to penstock_agent
    using (true) with check (true);

grant select, insert, delete on penstock.idempotency_keys to penstock_agent;

commit;
