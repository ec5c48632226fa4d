-- Deploy api/user_deactivate
-- requires: api/user_get app/users_admin_not_self

begin;

create or replace function api.user_deactivate(user_id bigint)
    returns api.user
    volatile
    language plpgsql
as $$
begin
    update app.users as u
    set is_active = false
    where u.id = user_deactivate.user_id;

    if not found then
        raise exception using
            errcode = 'no_data_found',
            message = format('There is no user %s.', user_deactivate.user_id);
    end if;

    return (select u from api.user_get(user_deactivate.user_id) as u);
end
$$;

comment on function api.user_deactivate(bigint) is $$
Keep a user from logging in and buying; all they did stays.
Safe to repeat.

HTTP POST /users/{user_id}/deactivate
@tag users
@error 409 Admins can't deactivate themselves.
$$;

grant execute on function api.user_deactivate(bigint) to admin;

commit;
