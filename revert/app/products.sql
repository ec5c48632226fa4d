begin;

drop table app.products;

commit;
