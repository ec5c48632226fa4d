-- Deploy api/post_publish
-- requires: api/post_get

begin;

create or replace function api.post_publish(post_id bigint)
    returns api.post
    volatile
    language plpgsql
as $$
begin
    update app.posts as p
    set published_at = coalesce(p.published_at, now())
    where p.id = post_publish.post_id;

    if not found then
        raise exception using
            errcode = 'no_data_found',
            message = format('There is no post %s that you may publish.', post_publish.post_id);
    end if;

    return (select p from api.post_get(post_publish.post_id) as p);
end
$$;

comment on function api.post_publish(bigint) is $$
Publish a post of your own.
Safe to repeat: a post stays published as of the first time.

HTTP POST /posts/{post_id}/publish
@tag posts
$$;

grant execute on function api.post_publish(bigint) to member, staff, admin;

commit;
