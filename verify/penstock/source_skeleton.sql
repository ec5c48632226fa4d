begin;

select 'penstock.source_skeleton(text)'::regprocedure;

rollback;
