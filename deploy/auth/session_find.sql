-- Deploy auth/session_find
-- requires: auth/sessions_policy app/users_policy

begin;

create or replace function auth.session_find(id uuid)
    returns table (session_id uuid, user_id bigint, role text)
    stable
    rows 1
    language sql
as $$
    -- The user is asked too: a session must not outlive a change that ran without triggers, or
    -- one whose transaction could not see it yet.
    select s.id, s.user_id, s.role::text
    from auth.sessions as s
    join app.users as u on u.id = s.user_id
    where s.id = session_find.id
        and s.ended_at is null
        and s.expires_at > now()
        and u.is_active
        and u.role = s.role
$$;

comment on function auth.session_find(uuid) is $$
Whose session it is, and with what role its tokens are good.
No row when it has ended, or never was.
$$;

grant execute on function auth.session_find(uuid) to gatekeeper;

commit;
