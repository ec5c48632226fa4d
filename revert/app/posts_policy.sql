begin;

drop policy posts_owner on app.posts;
drop policy posts_published on app.posts;
drop policy posts_own on app.posts;
drop policy posts_admin_read on app.posts;
drop policy posts_admin_delete on app.posts;

revoke all on app.posts from anon, member, staff, admin;

alter table app.posts disable row level security, no force row level security;

commit;
