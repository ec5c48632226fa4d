begin;

drop domain app.search_text;

commit;
