begin;

select (null::api.user).id;

rollback;
