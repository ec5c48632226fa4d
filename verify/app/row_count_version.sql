begin;

select 'app.row_count_version()'::regprocedure;

rollback;
