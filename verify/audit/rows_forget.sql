begin;

select 'audit.rows_forget(regclass)'::regprocedure;

rollback;
