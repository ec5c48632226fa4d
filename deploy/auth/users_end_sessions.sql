-- Deploy auth/users_end_sessions
-- requires: auth/sessions_policy auth/sessions_touch penstock/touch
-- A user who is deleted takes their sessions along by the foreign key.

begin;

create or replace function auth.users_end_sessions()
    returns trigger
    security definer
    set search_path = ''
    language plpgsql
as $$
begin
    update auth.sessions as s
    set ended_at = now()
    where s.user_id = new.id
        and s.ended_at is null;

    -- Keys do no more than their user: all are looked up again.
    perform penstock.touch('api_key:*');

    -- In a snapshot of its beginning, a transaction does not see who has logged in since. All
    -- sessions are looked up again, by a role that is no longer the user's.
    if current_setting('transaction_isolation') in ('repeatable read', 'serializable') then
        perform penstock.touch('session:*');
    end if;

    return null;
end
$$;

comment on function auth.users_end_sessions() is
    'Trigger: users whose role changes, or who are deactivated, must log in again.';

-- Belongs to gatekeeper, who alone may end sessions: whoever may change a user need not.
grant create on schema auth to gatekeeper;
alter function auth.users_end_sessions() owner to gatekeeper;
revoke create on schema auth from gatekeeper;

create or replace trigger users_end_sessions after update on app.users
    for each row
    when (old.role <> new.role or (old.is_active and not new.is_active))
    execute function auth.users_end_sessions();

commit;
