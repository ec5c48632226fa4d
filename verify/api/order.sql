begin;

select (null::api.order).id;

rollback;
