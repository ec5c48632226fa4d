begin;

select 'auth.api_key_find(bytea)'::regprocedure;

rollback;
