begin;

select 'app.row_touch()'::regprocedure;

rollback;
