-- Deploy api/user_list_with_posts
-- requires: api/author api/page_size app/authors app/posts_policy

begin;

create or replace function api.user_list_with_posts(
    "limit" api.page_size default 20,
    cursor jsonb default null,
    latest api.page_size default 3
)
    returns setof api.author
    stable
    language sql
as $$
    select a.id, a.username, latest_posts.posts
    from app.authors as a
    cross join lateral (
        select array_agg(
            (p.id, p.author_id, a.username, p.title, p.body, p.published_at, p.created_at, p.updated_at)::api.post
            order by p.published_at desc, p.id desc
        ) as posts
        from (
            select p.*
            from app.posts as p
            where p.author_id = a.id
                and p.published_at is not null
            order by p.published_at desc, p.id desc
            limit user_list_with_posts.latest
        ) as p
    ) as latest_posts
    where a.is_active
        and latest_posts.posts is not null
        and (
            user_list_with_posts.cursor is null
            or a.id > (user_list_with_posts.cursor ->> 'id')::bigint
        )
    order by a.id
    limit user_list_with_posts."limit"
$$;

comment on function api.user_list_with_posts(api.page_size, jsonb, api.page_size) is $$
Those who have published, each with their latest posts, in one call.
Shows of each what everybody may know: the username, never the e-mail address.

HTTP GET /users/with-posts
@page id
@tag posts
$$;

grant execute on function api.user_list_with_posts(api.page_size, jsonb, api.page_size)
    to anon, member, staff, admin;

commit;
