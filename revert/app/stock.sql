begin;

drop domain app.stock;

commit;
