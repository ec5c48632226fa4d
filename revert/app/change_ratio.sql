begin;

drop function app.change_ratio(numeric, numeric);

commit;
