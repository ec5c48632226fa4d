begin;

drop type api.user_row;

commit;
