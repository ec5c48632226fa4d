begin;

select 'United Kingdom'::app.country;

rollback;
