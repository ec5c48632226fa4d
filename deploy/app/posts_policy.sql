-- Deploy app/posts_policy
-- requires: app/posts request/user_id

begin;

alter table app.posts enable row level security, force row level security;

-- The owner sees everything, or its own migrations would change nothing.
drop policy if exists posts_owner on app.posts;
create policy posts_owner on app.posts to penstock_owner
    using (true) with check (true);

-- Everybody reads what is published.
drop policy if exists posts_published on app.posts;
create policy posts_published on app.posts for select to anon, member, staff
    using (published_at is not null);

-- Authors read, write and delete what is theirs.
drop policy if exists posts_own on app.posts;
create policy posts_own on app.posts to member, staff, admin
    using (author_id = (select request.user_id()))
    with check (author_id = (select request.user_id()));

-- Admins read and delete every post, but change nobody else's words.
drop policy if exists posts_admin_read on app.posts;
create policy posts_admin_read on app.posts for select to admin
    using (true);
drop policy if exists posts_admin_delete on app.posts;
create policy posts_admin_delete on app.posts for delete to admin
    using (true);

grant select on app.posts to anon;
grant
    select,
    insert (author_id, title, body),
    update (title, body, published_at),
    delete
    on app.posts to member, staff, admin;

commit;
