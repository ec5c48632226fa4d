begin;

select 'auth.login_begin(text, bytea)'::regprocedure;

rollback;
