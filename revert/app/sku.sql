begin;

drop domain app.sku;

commit;
