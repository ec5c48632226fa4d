-- Deploy api/post_delete
-- requires: app/posts_policy

begin;

create or replace function api.post_delete(post_id bigint)
    returns void
    volatile
    language plpgsql
as $$
begin
    delete from app.posts as p
    where p.id = post_delete.post_id;

    if not found then
        raise exception using
            errcode = 'no_data_found',
            message = format('There is no post %s that you may delete.', post_delete.post_id);
    end if;
end
$$;

comment on function api.post_delete(bigint) is $$
Delete a post of your own, or as an admin anybody's.

HTTP DELETE /posts/{post_id}
@tag posts
$$;

grant execute on function api.post_delete(bigint) to member, staff, admin;

commit;
