begin;

select 'auth.session_start(bigint)'::regprocedure;

rollback;
