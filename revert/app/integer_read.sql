begin;

drop function app.integer_read(text);

commit;
