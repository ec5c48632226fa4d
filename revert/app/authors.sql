begin;

drop view app.authors;

commit;
