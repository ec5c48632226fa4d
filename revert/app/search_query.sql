begin;

drop function app.search_query(text);

commit;
