-- Deploy api/users_update
-- requires: api/user_change_row app/users_policy app/users_admin_not_self

begin;

create or replace function api.users_update()
    returns void
    volatile
    language plpgsql
as $$
begin
    -- In the order of ids: two lists with the same users wait for each other, never in a circle.
    perform
    from app.users as u
    where u.id in (select r.user_id from pg_temp.bulk_rows as r)
    order by u.id
    for no key update;

    with judged as (
        select
            r.line,
            case
                when u.id is null then 'user'
                when row_number() over (partition by r.user_id order by r.line) > 1 then 'twice'
                when u.id = (select request.user_id()) and u.role = 'admin'
                    and (r.role <> 'admin' or not r.is_active)
                    then 'self'
                when e.id is not null
                    or r.email is not null and row_number() over (partition by lower(r.email) order by r.line) > 1
                    then 'email'
                when n.id is not null
                    or r.username is not null
                    and row_number() over (partition by lower(r.username) order by r.line) > 1
                    then 'username'
            end as verdict
        from pg_temp.bulk_rows as r
        left join app.users as u on u.id = r.user_id
        left join app.users as e on lower(e.email) = lower(r.email) and e.id <> r.user_id
        left join app.users as n on lower(n.username) = lower(r.username) and n.id <> r.user_id
    )
    insert into pg_temp.bulk_rejects (line, field, reason)
    select
        j.line,
        case when j.verdict in ('email', 'username') then j.verdict else 'user_id' end,
        case j.verdict
            when 'user' then 'There is no such user.'
            when 'twice' then 'An earlier line has this user.'
            when 'self' then 'An admin can''t demote, deactivate or delete their own account: another admin can.'
            when 'email' then 'This e-mail address is taken.'
            else 'This username is taken.'
        end
    from judged as j
    where j.verdict is not null;

    update app.users as u
    set email = coalesce(r.email, u.email),
        username = coalesce(r.username, u.username),
        full_name = coalesce(r.full_name, u.full_name),
        role = coalesce(r.role, u.role),
        is_active = coalesce(r.is_active, u.is_active)
    from pg_temp.bulk_rows as r
    where u.id = r.user_id
        and r.line not in (select x.line from pg_temp.bulk_rejects as x);
end
$$;

comment on function api.users_update() is $$
Change many users. What is left out, or null, stays as it is.
No admin demotes or deactivates themselves.

HTTP PATCH /users/bulk
@bulk api.user_change_row needs=user_id parts=10000 by=user_id
@timeout 120s
@tag users
$$;

grant execute on function api.users_update() to admin;

commit;
