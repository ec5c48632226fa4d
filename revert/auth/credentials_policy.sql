begin;

drop policy credentials_owner on auth.credentials;
drop policy credentials_gatekeeper on auth.credentials;

revoke all on auth.credentials from gatekeeper;

alter table auth.credentials disable row level security, no force row level security;

commit;
