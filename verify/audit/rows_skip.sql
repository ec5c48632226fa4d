begin;

select 'audit.rows_skip(regclass, text)'::regprocedure;

rollback;
