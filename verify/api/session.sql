begin;

select (null::api.session).id;

rollback;
