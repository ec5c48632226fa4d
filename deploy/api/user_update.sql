-- Deploy api/user_update
-- requires: api/user app/users_policy app/users_admin_not_self

begin;

create or replace function api.user_update(
    user_id bigint,
    email app.email default null,
    username app.username default null,
    full_name app.full_name default null,
    role app.user_role default null
)
    returns api.user
    volatile
    language plpgsql
as $$
declare
    v_user api.user;
begin
    if user_update.role is not null and request.role() <> 'admin' then
        raise exception using
            errcode = 'insufficient_privilege',
            constraint = 'users_role_set_by_admin',
            message = 'Only an admin may change what a user may do.';
    end if;

    update app.users as u
    set email = coalesce(user_update.email, u.email),
        username = coalesce(user_update.username, u.username),
        full_name = coalesce(user_update.full_name, u.full_name)
    where u.id = user_update.user_id
    returning u.id, u.email, u.username, u.full_name, u.role, u.is_active, u.created_at, u.updated_at
    into v_user;

    if not found then
        raise exception using
            errcode = 'no_data_found',
            message = format('There is no user %s that you may change.', user_update.user_id);
    end if;

    -- A statement of its own: only admins hold the privilege to write this column.
    if user_update.role is not null then
        update app.users as u
        set role = user_update.role
        where u.id = user_update.user_id
        returning u.role
        into v_user.role;
    end if;

    return v_user;
end
$$;

comment on function api.user_update(bigint, app.email, app.username, app.full_name, app.user_role) is $$
Change a user: yourself, or as an admin anybody.
What is left out, or null, stays as it is. Only an admin changes a role, and never their own.

HTTP PATCH /users/{user_id}
@tag users
@error 409 The e-mail address or the username is taken.
$$;

grant execute on function api.user_update(bigint, app.email, app.username, app.full_name, app.user_role)
    to member, staff, admin;

commit;
