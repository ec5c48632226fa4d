begin;

drop table app.users;

commit;
