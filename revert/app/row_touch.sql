begin;

drop function app.row_touch();

commit;
