-- Deploy penstock/touches_policy
-- requires: penstock/touches

begin;

alter table penstock.touches enable row level security, force row level security;

-- The owner sees everything, or its own migrations would change nothing.
drop policy if exists touches_owner on penstock.touches;
create policy touches_owner on penstock.touches to penstock_owner
    using (true) with check (true);

-- The machinery writes, reads and clears away what was touched.
drop policy if exists touches_agent on penstock.touches;
create policy touches_agent on penstock.touches to penstock_agent
    using (true) with check (true);

grant select, insert, delete on penstock.touches to penstock_agent;

commit;
