-- Deploy api/user_get
-- requires: api/user app/users_policy

begin;

create or replace function api.user_get(user_id bigint)
    returns setof api.user
    stable
    rows 1
    language sql
as $$
    select u.id, u.email, u.username, u.full_name, u.role, u.is_active, u.created_at, u.updated_at
    from app.users as u
    where u.id = user_get.user_id
$$;

comment on function api.user_get(bigint) is $$
One user by their id.
Members find themselves alone; staff and admins find everybody.

HTTP GET /users/{user_id}
@single
@tag users
$$;

grant execute on function api.user_get(bigint) to member, staff, admin;

commit;
