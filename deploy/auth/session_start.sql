-- Deploy auth/session_start
-- requires: auth/sessions_policy auth/refresh_tokens_policy auth/devices_policy auth/attempt_return auth/users_end_sessions auth/session_find auth/caller_is

begin;

create or replace function auth.session_start(
    user_id bigint,
    refresh_hash bytea,
    device_hash bytea,
    agent text,
    attempt timestamptz
)
    returns table (session_id uuid, role text, expires_at timestamptz)
    volatile
    rows 1
    language plpgsql
as $$
#variable_conflict use_column
begin
    perform auth.caller_is(session_start.user_id, null);

    -- A change of the role waits for this lock, or this waits for the change: either the change
    -- finds the session and ends it, or the session has the new role.
    with who as (
        select u.id, u.role
        from app.users as u
        where u.id = session_start.user_id
            and u.is_active
        for share
    )
    insert into auth.sessions as s (user_id, role, agent)
    select w.id, w.role, left(session_start.agent, 200)
    from who as w
    returning s.id, s.role::text
    into session_start.session_id, session_start.role;

    if not found then
        return;
    end if;

    perform auth.caller_is(session_start.user_id, session_start.session_id);

    insert into auth.refresh_tokens as t (token_hash, session_id)
    values (session_start.refresh_hash, session_start.session_id)
    returning t.expires_at
    into session_start.expires_at;

    insert into auth.devices as d (token_hash, user_id)
    values (session_start.device_hash, session_start.user_id)
    on conflict (token_hash) do update
    set used_at = now()
    where d.user_id = excluded.user_id;

    delete from auth.devices as d
    where d.token_hash in (
        select old.token_hash
        from auth.devices as old
        where old.user_id = session_start.user_id
        order by old.used_at desc
        offset 20
    );

    perform auth.attempt_return(session_start.user_id, session_start.attempt);

    return next;
end
$$;

comment on function auth.session_start(bigint, bytea, bytea, text, timestamptz) is $$
Begins the session of a user who has just proved who they are, and says what role they have now.
Its first refresh token, and the device as one that the user is known by, come as SHA-256. No row when they may not log in any more.
$$;

grant execute on function auth.session_start(bigint, bytea, bytea, text, timestamptz) to gatekeeper;

commit;
