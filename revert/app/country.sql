begin;

drop domain app.country;

commit;
