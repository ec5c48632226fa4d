begin;

drop domain app.money;

commit;
