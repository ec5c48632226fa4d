begin;

drop policy login_attempts_owner on auth.login_attempts;
drop policy login_attempts_gatekeeper on auth.login_attempts;

revoke all on auth.login_attempts from gatekeeper;

alter table auth.login_attempts disable row level security, no force row level security;

commit;
