begin;

select 'penstock.dynamic_sql_faults(oid)'::regprocedure;

rollback;
