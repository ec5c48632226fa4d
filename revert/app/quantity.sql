begin;

drop domain app.quantity;

commit;
