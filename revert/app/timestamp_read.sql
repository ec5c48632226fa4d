begin;

drop function app.timestamp_read(text);

commit;
