begin;

select 'Ada Lovelace'::app.full_name;

rollback;
