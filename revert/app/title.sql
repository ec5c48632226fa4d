begin;

drop domain app.title;

commit;
