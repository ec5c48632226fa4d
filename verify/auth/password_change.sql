begin;

select 'auth.password_change(bigint, uuid, api.password, timestamptz, bytea)'::regprocedure;

rollback;
