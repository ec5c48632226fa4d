begin;

select null::api.user_row;

rollback;
