-- Deploy auth/sessions_policy
-- requires: auth/sessions

begin;

alter table auth.sessions enable row level security, force row level security;

-- The owner sees everything, or its own migrations would change nothing.
drop policy if exists sessions_owner on auth.sessions;
create policy sessions_owner on auth.sessions to penstock_owner
    using (true) with check (true);

-- Gatekeeper alone begins, looks up and ends sessions, and clears old ones away.
drop policy if exists sessions_gatekeeper on auth.sessions;
create policy sessions_gatekeeper on auth.sessions to gatekeeper
    using (true)
    with check (true);

grant select, insert (user_id, role, agent), update (ended_at), delete on auth.sessions to gatekeeper;

commit;
