begin;

select 'auth.password_change(bigint, uuid, api.password, timestamptz)'::regprocedure;

rollback;
