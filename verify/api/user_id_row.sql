begin;

select null::api.user_id_row;

rollback;
