begin;

drop policy events_owner on penstock.events;
drop policy events_agent on penstock.events;
drop policy events_subject on penstock.events;
drop policy events_role on penstock.events;

revoke all on penstock.events from penstock_agent, anon, member, staff, admin;

alter table penstock.events disable row level security, no force row level security;

commit;
