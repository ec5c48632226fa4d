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
    -- From one author to the next through the index: neither users without a post nor an author's
    -- many posts cost anything. Who is not active is passed over, and not counted.
    with recursive authors as (
        select
            coalesce((user_list_with_posts.cursor ->> 'id')::bigint, 0) as id,
            null::app.username as username,
            false as is_active,
            0 as found
        union all
        select a.id, a.username, a.is_active, authors.found + a.is_active::integer
        from authors
        join app.authors as a on a.id = (
            select min(p.author_id)
            from app.posts as p
            where p.published_at is not null
                and p.author_id > authors.id
        )
        where authors.found < user_list_with_posts."limit"
    )
    select
        a.id,
        a.username,
        array(
            select
                (p.id, p.author_id, a.username, p.title, p.body, p.published_at, p.created_at, p.updated_at)::api.post
            from app.posts as p
            where p.author_id = a.id
                and p.published_at is not null
            order by p.published_at desc, p.id desc
            limit user_list_with_posts.latest
        )
    from authors as a
    where a.is_active
    order by a.id
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
