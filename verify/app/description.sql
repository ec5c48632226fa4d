begin;

select ''::app.description;

rollback;
