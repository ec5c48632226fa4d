begin;

drop type api.product_sort;

commit;
