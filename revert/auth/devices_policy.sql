begin;

drop policy devices_owner on auth.devices;
drop policy devices_gatekeeper on auth.devices;

revoke all on auth.devices from gatekeeper;

alter table auth.devices disable row level security, no force row level security;

commit;
