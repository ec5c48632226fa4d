-- Deploy penstock/incarnation_policy
-- requires: penstock/incarnation

begin;

alter table penstock.incarnation enable row level security, force row level security;

-- The owner sees everything, or its own migrations would change nothing.
drop policy if exists incarnation_owner on penstock.incarnation;
create policy incarnation_owner on penstock.incarnation to penstock_owner
    using (true) with check (true);

-- The machinery reads it, and makes the first.
drop policy if exists incarnation_agent on penstock.incarnation;
create policy incarnation_agent on penstock.incarnation to penstock_agent
    using (true) with check (true);

grant select, insert on penstock.incarnation to penstock_agent;

commit;
