begin;

select 'admin'::app.user_role;

rollback;
