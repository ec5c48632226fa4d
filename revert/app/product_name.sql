begin;

drop domain app.product_name;

commit;
