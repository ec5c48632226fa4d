-- Deploy api/user_list
-- requires: api/user api/page_size app/users_policy

begin;

create or replace function api.user_list(
    "limit" api.page_size default 20,
    cursor jsonb default null,
    is_active boolean default null
)
    returns setof api.user
    stable
    language sql
as $$
    select u.id, u.email, u.username, u.full_name, u.role, u.is_active, u.created_at, u.updated_at
    from (
        -- Everybody, or those of one state: a branch and an index for each.
        (
            select *
            from app.users as u
            where user_list.is_active is null
                and u.id > (select coalesce((user_list.cursor ->> 'id')::bigint, 0))
            order by u.id
            limit 100
        )
        union all
        (
            select *
            from app.users as u
            where u.is_active = user_list.is_active
                and u.id > (select coalesce((user_list.cursor ->> 'id')::bigint, 0))
            order by u.id
            limit 100
        )
    ) as u
    order by u.id
    limit user_list."limit"
$$;

comment on function api.user_list(api.page_size, jsonb, boolean) is $$
All users, in the order in which they registered.
With is_active, those alone who are active, or who aren't.

HTTP GET /users
@page id
@tag users
$$;

grant execute on function api.user_list(api.page_size, jsonb, boolean) to staff, admin;

commit;
