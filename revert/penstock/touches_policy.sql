begin;

drop policy touches_owner on penstock.touches;
drop policy touches_agent on penstock.touches;

revoke all on penstock.touches from penstock_agent;

alter table penstock.touches disable row level security, no force row level security;

commit;
