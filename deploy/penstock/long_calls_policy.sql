-- Deploy penstock/long_calls_policy
-- requires: penstock/long_calls request/claims request/role

begin;

alter table penstock.long_calls enable row level security, force row level security;

-- The owner sees everything, or its own migrations would change nothing.
drop policy if exists long_calls_owner on penstock.long_calls;
create policy long_calls_owner on penstock.long_calls to penstock_owner
    using (true) with check (true);

-- The machinery notes what becomes of calls, and clears them away.
drop policy if exists long_calls_agent on penstock.long_calls;
create policy long_calls_agent on penstock.long_calls to penstock_agent
    using (true) with check (true);

-- Callers see what they began themselves, in the role in which they began it.
drop policy if exists long_calls_own on penstock.long_calls;
create policy long_calls_own on penstock.long_calls for select to member, staff, admin
    using (
        subject = (select request.claims() ->> 'sub')
        and role = (select request.role())
    );

-- Admins see what anybody began.
drop policy if exists long_calls_admin on penstock.long_calls;
create policy long_calls_admin on penstock.long_calls for select to admin
    using (true);

grant select, insert, update, delete on penstock.long_calls to penstock_agent;
grant select on penstock.long_calls to member, staff, admin;

commit;
