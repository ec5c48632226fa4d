-- Deploy api/user_posts
-- requires: api/post api/page_size app/authors app/posts_policy

begin;

create or replace function api.user_posts(
    user_id bigint,
    "limit" api.page_size default 20,
    cursor jsonb default null
)
    returns setof api.post
    stable
    language sql
as $$
    select p.id, p.author_id, a.username, p.title, p.body, p.published_at, p.created_at, p.updated_at
    from app.posts as p
    join app.authors as a on a.id = p.author_id
    where p.author_id = user_posts.user_id
        and p.id < (select coalesce((user_posts.cursor ->> 'id')::bigint, 9223372036854775807))
    order by p.id desc
    limit user_posts."limit"
$$;

comment on function api.user_posts(bigint, api.page_size, jsonb) is $$
What a user wrote, the newest first.
Everybody sees what is published; authors see their own drafts too.

HTTP GET /users/{user_id}/posts
@page id
@tag posts
$$;

grant execute on function api.user_posts(bigint, api.page_size, jsonb) to anon, member, staff, admin;

commit;
