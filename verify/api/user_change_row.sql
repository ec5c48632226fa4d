begin;

select null::api.user_change_row;

rollback;
