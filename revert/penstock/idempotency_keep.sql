begin;

drop function penstock.idempotency_keep(text, text, uuid, integer, text);

commit;
