begin;

drop type api.user_id_row;

commit;
