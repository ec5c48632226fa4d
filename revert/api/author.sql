begin;

drop type api.author;

commit;
