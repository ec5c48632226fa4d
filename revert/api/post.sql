begin;

drop type api.post;

commit;
