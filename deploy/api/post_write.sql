-- Deploy api/post_write
-- requires: api/post_get

begin;

create or replace function api.post_write(title app.title, body app.body)
    returns api.post
    volatile
    language plpgsql
as $$
declare
    v_post_id bigint;
begin
    insert into app.posts as p (author_id, title, body)
    values (request.user_id(), post_write.title, post_write.body)
    returning p.id into v_post_id;

    return (select p from api.post_get(v_post_id) as p);
end
$$;

comment on function api.post_write(app.title, app.body) is $$
Write a post. It is a draft until it is published.

HTTP POST /posts
@status 201
@location /posts/{id}
@idempotent
@tag posts
$$;

grant execute on function api.post_write(app.title, app.body) to member, staff, admin;

commit;
