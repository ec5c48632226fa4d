begin;

drop domain app.description;

commit;
