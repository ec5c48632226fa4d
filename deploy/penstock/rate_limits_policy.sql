-- Deploy penstock/rate_limits_policy
-- requires: penstock/rate_limits

begin;

alter table penstock.rate_limits enable row level security, force row level security;

-- The owner sees everything, or its own migrations would change nothing.
drop policy if exists rate_limits_owner on penstock.rate_limits;
create policy rate_limits_owner on penstock.rate_limits to penstock_owner
    using (true) with check (true);

-- The machinery counts, and clears away.
drop policy if exists rate_limits_agent on penstock.rate_limits;
create policy rate_limits_agent on penstock.rate_limits to penstock_agent
    using (true) with check (true);

grant select, insert, update, delete on penstock.rate_limits to penstock_agent;

commit;
