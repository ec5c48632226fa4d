begin;

drop policy long_calls_owner on penstock.long_calls;
drop policy long_calls_agent on penstock.long_calls;
drop policy long_calls_own on penstock.long_calls;
drop policy long_calls_admin on penstock.long_calls;

revoke all on penstock.long_calls from penstock_agent, member, staff, admin;

alter table penstock.long_calls disable row level security, no force row level security;

commit;
