begin;

select 'auth.password_rehash(bigint, api.password)'::regprocedure;

rollback;
