begin;

select 'auth.attempt_return(bigint, timestamptz)'::regprocedure;

rollback;
