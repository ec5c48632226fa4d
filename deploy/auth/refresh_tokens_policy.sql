-- Deploy auth/refresh_tokens_policy
-- requires: auth/refresh_tokens

begin;

alter table auth.refresh_tokens enable row level security, force row level security;

-- The owner sees everything, or its own migrations would change nothing.
drop policy if exists refresh_tokens_owner on auth.refresh_tokens;
create policy refresh_tokens_owner on auth.refresh_tokens to penstock_owner
    using (true) with check (true);

-- Gatekeeper alone hands them out and changes one for the next; they go with their session.
drop policy if exists refresh_tokens_gatekeeper on auth.refresh_tokens;
create policy refresh_tokens_gatekeeper on auth.refresh_tokens to gatekeeper
    using (true)
    with check (true);

grant select, insert (token_hash, session_id), update (used_at) on auth.refresh_tokens to gatekeeper;

commit;
