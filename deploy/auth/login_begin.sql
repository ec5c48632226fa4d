-- Deploy auth/login_begin
-- requires: auth/attempt_take auth/credentials_policy auth/devices_policy app/users_policy

begin;

create or replace function auth.login_begin(email text, device bytea default null)
    returns table (
        user_id bigint,
        role text,
        password_hash text,
        is_active boolean,
        attempt timestamptz,
        wait_seconds integer
    )
    volatile
    rows 1
    language plpgsql
as $$
declare
    v_device bytea := '';
begin
    select u.id, u.role::text, c.password_hash::text, u.is_active
    into login_begin.user_id, login_begin.role, login_begin.password_hash, login_begin.is_active
    from app.users as u
    join auth.credentials as c on c.user_id = u.id
    where lower(u.email) = lower(login_begin.email);

    -- A device counts for whoever has logged in there, and for nobody else.
    select d.token_hash
    into v_device
    from auth.devices as d
    where d.token_hash = login_begin.device
        and d.user_id = login_begin.user_id;

    select t.attempt, t.wait_seconds
    into login_begin.attempt, login_begin.wait_seconds
    from auth.attempt_take(
        sha256(convert_to(lower(login_begin.email), 'UTF8')), coalesce(v_device, '')
    ) as t;

    return next;
end
$$;

comment on function auth.login_begin(text, bytea) is $$
Who logs in with an e-mail address, and the hash to compare the password with, if one of the tries is left.
Nobody's is null, and so is that of who can't log in (an imported customer). With wait_seconds, nothing may be compared.
$$;

grant execute on function auth.login_begin(text, bytea) to gatekeeper;

commit;
