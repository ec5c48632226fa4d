-- Deploy api/user_unlock
-- requires: auth/login_attempts_policy app/users_policy api/schema

begin;

create or replace function api.user_unlock(user_id bigint)
    returns void
    volatile
    security definer
    set search_path = ''
    language plpgsql
as $$
begin
    perform
    from app.users as u
    where u.id = user_unlock.user_id;

    if not found then
        raise exception using
            errcode = 'no_data_found',
            message = format('There is no user %s.', user_unlock.user_id);
    end if;

    delete from auth.login_attempts as a
    using app.users as u
    where u.id = user_unlock.user_id
        and a.account = sha256(convert_to(lower(u.email), 'UTF8'));
end
$$;

-- Belongs to gatekeeper, who alone may see keys and sessions: a caller sees what is theirs.
grant create on schema api to gatekeeper;
alter function api.user_unlock(bigint) owner to gatekeeper;
revoke create on schema api from gatekeeper;

comment on function api.user_unlock(bigint) is $$
Let a user try their password again, whose tries others have used up.
Safe to repeat.

HTTP POST /users/{user_id}/unlock
@tag users
$$;

grant execute on function api.user_unlock(bigint) to admin;

commit;
