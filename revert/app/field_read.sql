begin;

drop function app.field_read(text);

commit;
