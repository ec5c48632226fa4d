begin;

select null::api.dashboard_product;

rollback;
