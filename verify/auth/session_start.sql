begin;

select 'auth.session_start(bigint, bytea, bytea, text, timestamptz)'::regprocedure;

rollback;
