begin;

drop domain app.email;

commit;
