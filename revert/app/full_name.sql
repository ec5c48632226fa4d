begin;

drop domain app.full_name;

commit;
