-- Deploy api/post
-- requires: api/schema app/username app/title app/body

begin;

do $$
begin
    create type api.post as (
        id bigint,
        author_id bigint,
        author app.username,
        title app.title,
        body app.body,
        published_at timestamptz,
        created_at timestamptz,
        updated_at timestamptz
    );
exception
    when duplicate_object then null;  -- deployed before: a type has no "if not exists"
end
$$;

comment on type api.post is 'A post with its author''s name.';
comment on column api.post.id is 'The post''s number.';
comment on column api.post.author_id is 'Who wrote the post.';
comment on column api.post.author is 'The author''s username.';
comment on column api.post.title is 'The title of the post.';
comment on column api.post.body is 'The text of the post.';
comment on column api.post.published_at is 'When the post was published; null while it is a draft.';
comment on column api.post.created_at is 'When the post was begun.';
comment on column api.post.updated_at is 'When the post was last changed.';

commit;
