begin;

drop type app.user_role;

commit;
