begin;

drop function penstock.webhook_end(text, text);

commit;
