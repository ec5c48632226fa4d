-- Deploy auth/password_change
-- requires: auth/credentials_policy auth/sessions_touch auth/devices_policy auth/attempt_return auth/caller_is

begin;

create or replace function auth.password_change(
    user_id bigint,
    session_id uuid,
    password_hash api.password,
    attempt timestamptz,
    device_hash bytea default null
)
    returns void
    volatile
    language sql
as $$
    select auth.caller_is(password_change.user_id, password_change.session_id);

    update auth.credentials as c
    set password_hash = password_change.password_hash,
        changed_at = now()
    where c.user_id = password_change.user_id;

    -- Whoever knew the old one is out: here stays alone who has just proved to know it.
    update auth.sessions as s
    set ended_at = now()
    where s.user_id = password_change.user_id
        and s.id <> password_change.session_id
        and s.ended_at is null;

    delete from auth.devices as d
    where d.user_id = password_change.user_id
        and d.token_hash is distinct from password_change.device_hash;

    select auth.attempt_return(password_change.user_id, password_change.attempt);
$$;

comment on function auth.password_change(bigint, uuid, api.password, timestamptz, bytea) is
    'Gives a user another password, ends all sessions of theirs but this one, and forgets all devices but the one that is here.';

grant execute on function auth.password_change(bigint, uuid, api.password, timestamptz, bytea) to gatekeeper;

commit;
