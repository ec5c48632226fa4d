-- Deploy auth/api_keys_policy
-- requires: auth/api_keys

begin;

alter table auth.api_keys enable row level security, force row level security;

-- The owner sees everything, or its own migrations would change nothing.
drop policy if exists api_keys_owner on auth.api_keys;
create policy api_keys_owner on auth.api_keys to penstock_owner
    using (true) with check (true);

-- Gatekeeper alone issues, finds and revokes them; they go with their user.
drop policy if exists api_keys_gatekeeper on auth.api_keys;
create policy api_keys_gatekeeper on auth.api_keys to gatekeeper
    using (true)
    with check (true);

grant select, insert (user_id, name, role, key_hash, quota, expires_at), update (revoked_at) on auth.api_keys to gatekeeper;

commit;
