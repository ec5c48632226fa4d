begin;

select 'auth.session_find(uuid)'::regprocedure;

rollback;
