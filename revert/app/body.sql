begin;

drop domain app.body;

commit;
