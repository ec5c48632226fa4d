begin;

drop type api.dashboard_product;

commit;
