begin;

drop type api.product;

commit;
