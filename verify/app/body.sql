begin;

select 'Hello, world.'::app.body;

rollback;
