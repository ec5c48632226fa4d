-- Deploy app/posts
-- requires: app/users app/title app/body app/row_touch

begin;

create table if not exists app.posts (
    id bigint generated always as identity,
    author_id bigint not null,
    title app.title not null,
    body app.body not null,
    published_at timestamptz,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    constraint posts_pkey primary key (id),
    constraint posts_author_id_fkey foreign key (author_id)
        references app.users (id) on delete cascade
);

-- All that is published, all that an author wrote, and what an author published.
create index if not exists posts_published on app.posts (published_at desc, id desc)
    where published_at is not null;
create index if not exists posts_by_author on app.posts (author_id, id desc);
create index if not exists posts_published_by_author on app.posts (author_id, published_at desc, id desc)
    where published_at is not null;

create or replace trigger touch before update on app.posts
    for each row execute function app.row_touch();

comment on table app.posts is 'What users write.';
comment on column app.posts.id is 'The post''s number.';
comment on column app.posts.author_id is 'Who wrote the post; it goes when they go.';
comment on column app.posts.title is 'The title of the post.';
comment on column app.posts.body is 'The text of the post.';
comment on column app.posts.published_at is 'When the post was published; null while it is a draft.';
comment on column app.posts.created_at is 'When the post was begun.';
comment on column app.posts.updated_at is 'When the post was last changed.';

commit;
