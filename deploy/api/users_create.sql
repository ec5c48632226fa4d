-- Deploy api/users_create
-- requires: api/user_row app/users_policy

begin;

create or replace function api.users_create()
    returns void
    volatile
    language plpgsql
as $$
begin
    with rows as materialized (
        select
            r.*,
            row_number() over (partition by lower(r.email) order by r.line) as nth_email,
            row_number() over (partition by lower(r.username) order by r.line) as nth_username
        from pg_temp.bulk_rows as r
    ),
    made as (
        insert into app.users as u (email, username, full_name)
        select r.email, r.username, r.full_name
        from rows as r
        where r.nth_email = 1
            and r.nth_username = 1
        order by r.line
        on conflict do nothing
        returning u.email
    ),
    refused as (
        select
            r.line,
            r.nth_email > 1 or (
                r.nth_username = 1
                and exists (select from app.users as u where lower(u.email) = lower(r.email))
            ) as by_email
        from rows as r
        left join made as m on m.email = r.email and r.nth_email = 1 and r.nth_username = 1
        where m.email is null
    )
    insert into pg_temp.bulk_rejects (line, field, reason)
    select
        f.line,
        case when f.by_email then 'email' else 'username' end,
        case when f.by_email then 'This e-mail address is taken.' else 'This username is taken.' end
    from refused as f;
end
$$;

comment on function api.users_create() is $$
Enter many users, as members.
They have no password, so they can't log in until they are given one. One whose e-mail address or username is taken is rejected.

HTTP POST /users/bulk
@bulk api.user_row needs=email,username parts=10000 by=email
@timeout 120s
@tag users
$$;

grant execute on function api.users_create() to admin;

commit;
