-- Deploy api/me_get
-- requires: api/user app/users_policy

begin;

create or replace function api.me_get()
    returns setof api.user
    stable
    rows 1
    language sql
as $$
    select u.id, u.email, u.username, u.full_name, u.role, u.is_active, u.created_at, u.updated_at
    from app.users as u
    where u.id = (select request.user_id())
$$;

comment on function api.me_get() is $$
The user who is calling.

HTTP GET /me
@single
@tag users
$$;

grant execute on function api.me_get() to member, staff, admin;

commit;
