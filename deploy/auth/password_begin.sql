-- Deploy auth/password_begin
-- requires: auth/attempt_take auth/credentials_policy app/users_policy

begin;

create or replace function auth.password_begin(user_id bigint, session_id uuid)
    returns table (password_hash text, attempt timestamptz, wait_seconds integer)
    volatile
    rows 1
    language plpgsql
as $$
declare
    v_account bytea;
begin
    select c.password_hash::text, sha256(convert_to(lower(u.email), 'UTF8'))
    into password_begin.password_hash, v_account
    from app.users as u
    join auth.credentials as c on c.user_id = u.id
    where u.id = password_begin.user_id
        and u.is_active;

    if not found then
        return;
    end if;

    -- Who is logged in has tries of their own: guesses from elsewhere don't keep them from it.
    select t.attempt, t.wait_seconds
    into password_begin.attempt, password_begin.wait_seconds
    from auth.attempt_take(v_account, sha256(uuid_send(password_begin.session_id))) as t;

    return next;
end
$$;

comment on function auth.password_begin(bigint, uuid) is $$
The hash to compare the old password of a user with, who wants to choose another.
With wait_seconds, nothing may be compared. No row for who has no password.
$$;

grant execute on function auth.password_begin(bigint, uuid) to gatekeeper;

commit;
