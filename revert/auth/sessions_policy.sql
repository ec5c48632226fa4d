begin;

drop policy sessions_owner on auth.sessions;
drop policy sessions_gatekeeper on auth.sessions;

revoke all on auth.sessions from gatekeeper;

alter table auth.sessions disable row level security, no force row level security;

commit;
