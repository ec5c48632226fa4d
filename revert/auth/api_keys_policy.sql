begin;

drop policy api_keys_owner on auth.api_keys;
drop policy api_keys_gatekeeper on auth.api_keys;

revoke all on auth.api_keys from gatekeeper;

alter table auth.api_keys disable row level security, no force row level security;

commit;
