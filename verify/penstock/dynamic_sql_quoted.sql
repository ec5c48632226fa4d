begin;

select 'penstock.dynamic_sql_quoted(text, text[])'::regprocedure;

rollback;
