-- Deploy auth/credentials_policy
-- requires: auth/credentials

begin;

alter table auth.credentials enable row level security, force row level security;

-- The owner sees everything, or its own migrations would change nothing.
drop policy if exists credentials_owner on auth.credentials;
create policy credentials_owner on auth.credentials to penstock_owner
    using (true) with check (true);

-- Gatekeeper alone reads and writes credentials. They go with their user, so it deletes none.
drop policy if exists credentials_gatekeeper on auth.credentials;
create policy credentials_gatekeeper on auth.credentials to gatekeeper
    using (true)
    with check (true);

grant select, insert, update on auth.credentials to gatekeeper;

commit;
