begin;

select (null::api.post).id;

rollback;
