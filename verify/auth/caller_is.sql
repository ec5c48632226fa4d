begin;

select 'auth.caller_is(bigint, uuid)'::regprocedure;

rollback;
