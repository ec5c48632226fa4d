begin;

select 'auth.attempt_take(bytea, bytea)'::regprocedure;

rollback;
