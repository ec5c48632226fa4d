-- Deploy auth/login_attempts_policy
-- requires: auth/login_attempts

begin;

alter table auth.login_attempts enable row level security, force row level security;

-- The owner sees everything, or its own migrations would change nothing.
drop policy if exists login_attempts_owner on auth.login_attempts;
create policy login_attempts_owner on auth.login_attempts to penstock_owner
    using (true) with check (true);

-- Gatekeeper alone counts, and clears away what is past.
drop policy if exists login_attempts_gatekeeper on auth.login_attempts;
create policy login_attempts_gatekeeper on auth.login_attempts to gatekeeper
    using (true)
    with check (true);

grant select, insert, update (recent), delete on auth.login_attempts to gatekeeper;

commit;
