-- Deploy api/post_edit
-- requires: api/post_get

begin;

create or replace function api.post_edit(
    post_id bigint,
    title app.title default null,
    body app.body default null
)
    returns api.post
    volatile
    language plpgsql
as $$
begin
    update app.posts as p
    set title = coalesce(post_edit.title, p.title),
        body = coalesce(post_edit.body, p.body)
    where p.id = post_edit.post_id;

    if not found then
        raise exception using
            errcode = 'no_data_found',
            message = format('There is no post %s that you may change.', post_edit.post_id);
    end if;

    return (select p from api.post_get(post_edit.post_id) as p);
end
$$;

comment on function api.post_edit(bigint, app.title, app.body) is $$
Change a post of your own.
What is left out, or null, stays as it is.

HTTP PATCH /posts/{post_id}
@tag posts
$$;

grant execute on function api.post_edit(bigint, app.title, app.body) to member, staff, admin;

commit;
