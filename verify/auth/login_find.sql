begin;

select 'auth.login_find(text)'::regprocedure;

rollback;
