-- Deploy api/user_delete
-- requires: app/users_policy app/users_admin_not_self

begin;

create or replace function api.user_delete(user_id bigint)
    returns void
    volatile
    language plpgsql
as $$
begin
    delete from app.users as u
    where u.id = user_delete.user_id;

    if not found then
        raise exception using
            errcode = 'no_data_found',
            message = format('There is no user %s.', user_delete.user_id);
    end if;
end
$$;

comment on function api.user_delete(bigint) is $$
Delete a user, with their credentials and posts.
A user who has orders can't be deleted, only deactivated.

HTTP DELETE /users/{user_id}
@tag users
@error 409 The user has orders, or is the admin who asks.
$$;

grant execute on function api.user_delete(bigint) to admin;

commit;
