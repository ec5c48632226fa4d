begin;

drop function penstock.idempotency_id(text, text);

commit;
