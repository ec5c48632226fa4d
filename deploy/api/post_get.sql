-- Deploy api/post_get
-- requires: api/post app/authors app/posts_policy

begin;

create or replace function api.post_get(post_id bigint)
    returns setof api.post
    stable
    rows 1
    language sql
as $$
    select p.id, p.author_id, a.username, p.title, p.body, p.published_at, p.created_at, p.updated_at
    from app.posts as p
    join app.authors as a on a.id = p.author_id
    where p.id = post_get.post_id
$$;

comment on function api.post_get(bigint) is $$
One post by its id.
Everybody reads what is published; drafts are their authors' alone, and admins'.

HTTP GET /posts/{post_id}
@single
@tag posts
$$;

grant execute on function api.post_get(bigint) to anon, member, staff, admin;

commit;
