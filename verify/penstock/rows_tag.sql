begin;

select 'penstock.rows_tag(regclass, text[])'::regprocedure;

rollback;
