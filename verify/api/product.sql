begin;

select (null::api.product).id;

rollback;
