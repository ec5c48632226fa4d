-- Deploy api/author
-- requires: api/post

begin;

do $$
begin
    create type api.author as (
        id bigint,
        username app.username,
        posts api.post[]
    );
exception
    when duplicate_object then null;  -- deployed before: a type has no "if not exists"
end
$$;

comment on type api.author is 'Somebody who has published, with their latest posts.';
comment on column api.author.id is 'The author''s number.';
comment on column api.author.username is 'The name others know the author by.';
comment on column api.author.posts is 'The author''s latest posts, the newest first.';

commit;
