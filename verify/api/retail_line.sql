begin;

select null::api.retail_line;

rollback;
