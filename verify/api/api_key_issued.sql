begin;

select (null::api.api_key_issued).id;

rollback;
