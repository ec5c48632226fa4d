-- Deploy penstock/events_policy
-- requires: penstock/events request/claims request/role
-- Whoever shall see more than what is theirs gets a policy of the domain's.

begin;

alter table penstock.events enable row level security, force row level security;

-- The owner sees everything, or its own migrations would change nothing.
drop policy if exists events_owner on penstock.events;
create policy events_owner on penstock.events to penstock_owner
    using (true) with check (true);

-- The machinery writes, delivers and clears away.
drop policy if exists events_agent on penstock.events;
create policy events_agent on penstock.events to penstock_agent
    using (true) with check (true);

-- Callers see what is meant for them.
drop policy if exists events_subject on penstock.events;
create policy events_subject on penstock.events for select to anon, member, staff, admin
    using (subject = (select request.claims() ->> 'sub'));

-- And what is meant for their role.
drop policy if exists events_role on penstock.events;
create policy events_role on penstock.events for select to anon, member, staff, admin
    using (role = (select request.role()));

grant select, insert, delete on penstock.events to penstock_agent;
grant select (id, xid, topic, payload, subject, role) on penstock.events to anon, member, staff, admin;

commit;
