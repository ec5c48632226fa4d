begin;

select 'audit.rows_record(regclass, text[], text[])'::regprocedure;

rollback;
