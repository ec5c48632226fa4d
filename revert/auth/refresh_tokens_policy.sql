begin;

drop policy refresh_tokens_owner on auth.refresh_tokens;
drop policy refresh_tokens_gatekeeper on auth.refresh_tokens;

revoke all on auth.refresh_tokens from gatekeeper;

alter table auth.refresh_tokens disable row level security, no force row level security;

commit;
