begin;

select 100::api.page_size;

rollback;
