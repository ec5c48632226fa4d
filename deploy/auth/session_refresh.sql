-- Deploy auth/session_refresh
-- requires: auth/refresh_tokens_policy auth/sessions_touch auth/caller_is app/users_policy

begin;

create or replace function auth.session_refresh(
    refresh_hash bytea,
    next_hash bytea,
    came timestamptz default clock_timestamp()
)
    returns table (outcome text, session_id uuid, user_id bigint, role text, expires_at timestamptz)
    volatile
    rows 1
    language plpgsql
as $$
#variable_conflict use_column
declare
    v_was_unused boolean;
    v_used_at timestamptz;
begin
    select t.session_id, t.used_at is null
    into session_refresh.session_id, v_was_unused
    from auth.refresh_tokens as t
    where t.token_hash = session_refresh.refresh_hash;

    -- All that happens to a session happens one after another.
    select s.user_id, u.role::text
    into session_refresh.user_id, session_refresh.role
    from auth.sessions as s
    join app.users as u on u.id = s.user_id
    where s.id = session_refresh.session_id
        and s.ended_at is null
        and s.expires_at > now()
        and u.is_active
        and u.role = s.role
    for update of s;

    if not found then
        outcome := 'ended';
        return next;
        return;
    end if;

    perform auth.caller_is(session_refresh.user_id, session_refresh.session_id);

    update auth.refresh_tokens as t
    set used_at = clock_timestamp()
    where t.token_hash = session_refresh.refresh_hash
        and t.used_at is null
        and t.expires_at > now();

    if found then
        insert into auth.refresh_tokens as t (token_hash, session_id)
        values (session_refresh.next_hash, session_refresh.session_id)
        returning t.expires_at
        into session_refresh.expires_at;

        outcome := 'refreshed';
        return next;
        return;
    end if;

    select t.used_at
    into v_used_at
    from auth.refresh_tokens as t
    where t.token_hash = session_refresh.refresh_hash;

    -- What came before the token was changed came from one who could not know of it. What comes
    -- after has kept an old token, or stolen one, and which of the two nobody can tell.
    outcome := case
        when v_used_at is null then 'ended'
        when v_was_unused or session_refresh.came <= v_used_at then 'overtaken'
        else 'replayed'
    end;

    if outcome = 'replayed' then
        update auth.sessions as s
        set ended_at = now()
        where s.id = session_refresh.session_id;
    end if;

    return next;
end
$$;

comment on function auth.session_refresh(bytea, bytea, timestamptz) is $$
Changes a refresh token for the next one; a token that was changed before ends its session, with all tokens of it.
The outcome is refreshed, ended (also what never was), overtaken by another request that came with the same token, or replayed. `came` is when the request did, by this server's clock.
$$;

grant execute on function auth.session_refresh(bytea, bytea, timestamptz) to gatekeeper;

commit;
