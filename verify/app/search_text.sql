begin;

select 'lantern -red'::app.search_text;

rollback;
