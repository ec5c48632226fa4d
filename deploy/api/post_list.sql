-- Deploy api/post_list
-- requires: api/post api/page_size app/authors app/posts_policy

begin;

create or replace function api.post_list(
    "limit" api.page_size default 20,
    cursor jsonb default null
)
    returns setof api.post
    stable
    language sql
as $$
    select p.id, p.author_id, a.username, p.title, p.body, p.published_at, p.created_at, p.updated_at
    from (
        select *
        from app.posts as p
        where p.published_at is not null
            and (p.published_at, p.id) < (
                select
                    coalesce((post_list.cursor ->> 'published_at')::timestamptz, 'infinity'),
                    coalesce((post_list.cursor ->> 'id')::bigint, 9223372036854775807)
            )
        order by p.published_at desc, p.id desc
        limit 100
    ) as p
    join app.authors as a on a.id = p.author_id
    order by p.published_at desc, p.id desc
    limit post_list."limit"
$$;

comment on function api.post_list(api.page_size, jsonb) is $$
What is published, the newest first.

HTTP GET /posts
@page published_at, id
@tag posts
$$;

grant execute on function api.post_list(api.page_size, jsonb) to anon, member, staff, admin;

commit;
