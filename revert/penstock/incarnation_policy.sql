begin;

drop policy incarnation_owner on penstock.incarnation;
drop policy incarnation_agent on penstock.incarnation;

revoke all on penstock.incarnation from penstock_agent;

alter table penstock.incarnation disable row level security, no force row level security;

commit;
