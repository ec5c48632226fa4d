begin;

select (null::api.api_key).id;

rollback;
