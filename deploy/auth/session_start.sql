-- Deploy auth/session_start
-- requires: auth/sessions_policy app/users_policy auth/users_end_sessions auth/session_find

begin;

create or replace function auth.session_start(user_id bigint)
    returns table (session_id uuid, role text)
    volatile
    rows 1
    language sql
as $$
    -- A change of the role waits for this lock, or this waits for the change: either the change
    -- finds the session and ends it, or the session has the new role.
    with who as (
        select u.id, u.role
        from app.users as u
        where u.id = session_start.user_id
            and u.is_active
        for share
    )
    insert into auth.sessions as s (user_id, role)
    select w.id, w.role
    from who as w
    returning s.id, s.role::text
$$;

comment on function auth.session_start(bigint) is $$
Begins the session of a user who has just proved who they are, and says what role they have now.
No row when they may not log in any more.
$$;

grant execute on function auth.session_start(bigint) to gatekeeper;

commit;
