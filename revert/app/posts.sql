begin;

drop table app.posts;

commit;
