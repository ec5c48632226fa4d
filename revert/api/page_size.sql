begin;

drop domain api.page_size;

commit;
