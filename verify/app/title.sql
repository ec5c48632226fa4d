begin;

select 'Hello'::app.title;

rollback;
