begin;

drop function app.price_read(text);

commit;
