-- Deploy api/user_activate
-- requires: api/user_get app/users_admin_not_self

begin;

create or replace function api.user_activate(user_id bigint)
    returns api.user
    volatile
    language plpgsql
as $$
begin
    update app.users as u
    set is_active = true
    where u.id = user_activate.user_id;

    if not found then
        raise exception using
            errcode = 'no_data_found',
            message = format('There is no user %s.', user_activate.user_id);
    end if;

    return (select u from api.user_get(user_activate.user_id) as u);
end
$$;

comment on function api.user_activate(bigint) is $$
Let a user log in and buy again.
Safe to repeat.

HTTP POST /users/{user_id}/activate
@tag users
$$;

grant execute on function api.user_activate(bigint) to admin;

commit;
