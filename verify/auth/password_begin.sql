begin;

select 'auth.password_begin(bigint, uuid)'::regprocedure;

rollback;
