begin;

select (null::api.author).id;

rollback;
