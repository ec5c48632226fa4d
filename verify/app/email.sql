begin;

select 'ada@example.org'::app.email;

rollback;
