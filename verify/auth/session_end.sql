begin;

select 'auth.session_end(uuid, bytea)'::regprocedure;

rollback;
