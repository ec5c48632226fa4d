begin;

select 'auth.session_prune(timestamptz)'::regprocedure;

rollback;
