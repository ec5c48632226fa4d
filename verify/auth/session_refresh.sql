begin;

select 'auth.session_refresh(bytea, bytea, interval)'::regprocedure;

rollback;
