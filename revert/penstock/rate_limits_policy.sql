begin;

drop policy rate_limits_owner on penstock.rate_limits;
drop policy rate_limits_agent on penstock.rate_limits;

revoke all on penstock.rate_limits from penstock_agent;

alter table penstock.rate_limits disable row level security, no force row level security;

commit;
