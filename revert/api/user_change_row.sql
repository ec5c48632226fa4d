begin;

drop type api.user_change_row;

commit;
