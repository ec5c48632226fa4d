begin;

drop function app.row_count_version();

commit;
