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
declare
    v_users bigint[] := array(
        select c.id
        from changed as c
        join replaced as r on r.id = c.id
        where c.role <> r.role
            or (r.is_active and not c.is_active)
    );
begin
    if v_users = '{}' then
        return null;
    end if;

    update auth.sessions as s
    set ended_at = now()
    where s.user_id = any (v_users)
        and s.ended_at is null;

    -- In a snapshot of its beginning, a transaction does not see who has logged in since. All
    -- sessions are looked up again, by a role that is no longer the user's.
    if current_setting('transaction_isolation') in ('repeatable read', 'serializable') then
        perform penstock.touch('session:*');
    end if;

    return null;
end
$$;

comment on function auth.users_end_sessions() is
    'Trigger, once a statement: users whose role changes, or who are deactivated, must log in again.';

-- Belongs to gatekeeper, who alone may end sessions: whoever may change a user need not.
grant create on schema auth to gatekeeper;
alter function auth.users_end_sessions() owner to gatekeeper;
revoke create on schema auth from gatekeeper;

create or replace trigger users_end_sessions after update on app.users
    referencing old table as replaced new table as changed
    for each statement execute function auth.users_end_sessions();

commit;
