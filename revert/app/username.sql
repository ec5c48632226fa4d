begin;

drop domain app.username;

commit;
