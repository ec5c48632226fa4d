begin;

select 'auth.session_refresh(bytea, bytea, timestamptz)'::regprocedure;

rollback;
