-- Deploy api/users_delete
-- requires: api/user_id_row app/users_policy app/orders_policy app/users_admin_not_self

begin;

create or replace function api.users_delete()
    returns void
    volatile
    -- Else the orders of each row are looked up with a plan of its own: measured, a fifth of the time.
    set plan_cache_mode = force_generic_plan
    language plpgsql
as $$
begin
    -- Whoever orders meanwhile waits, or was first. In the order of ids, lest two wait in a circle.
    perform
    from app.users as u
    where u.id in (select r.user_id from pg_temp.bulk_rows as r)
    order by u.id
    for update;

    with judged as (
        select
            r.line,
            case
                when u.id is null then 'There is no such user.'
                when row_number() over (partition by r.user_id order by r.line) > 1
                    then 'An earlier line has this user.'
                when u.id = (select request.user_id()) and u.role = 'admin'
                    then 'An admin can''t demote, deactivate or delete their own account: another admin can.'
                when exists (select from app.orders as o where o.user_id = r.user_id)
                    then 'This user has orders, which must be kept: deactivate the user instead.'
            end as reason
        from pg_temp.bulk_rows as r
        left join app.users as u on u.id = r.user_id
    )
    insert into pg_temp.bulk_rejects (line, field, reason)
    select j.line, 'user_id', j.reason
    from judged as j
    where j.reason is not null;

    delete from app.users as u
    using pg_temp.bulk_rows as r
    where u.id = r.user_id
        and r.line not in (select x.line from pg_temp.bulk_rejects as x);
end
$$;

comment on function api.users_delete() is $$
Delete many users, with their credentials and posts.
A user who has orders can't be deleted, only deactivated; and no admin deletes themselves.

HTTP DELETE /users/bulk
@bulk api.user_id_row needs=user_id parts=10000 by=user_id
@timeout 120s
@tag users
$$;

grant execute on function api.users_delete() to admin;

commit;
