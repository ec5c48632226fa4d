-- Deploy auth/devices_policy
-- requires: auth/devices

begin;

alter table auth.devices enable row level security, force row level security;

-- The owner sees everything, or its own migrations would change nothing.
drop policy if exists devices_owner on auth.devices;
create policy devices_owner on auth.devices to penstock_owner
    using (true) with check (true);

-- Gatekeeper alone knows the devices, and forgets those of long ago.
drop policy if exists devices_gatekeeper on auth.devices;
create policy devices_gatekeeper on auth.devices to gatekeeper
    using (true)
    with check (true);

grant select, insert (token_hash, user_id), update (used_at), delete on auth.devices to gatekeeper;

commit;
