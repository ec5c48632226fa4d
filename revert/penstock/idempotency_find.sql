begin;

drop function penstock.idempotency_find(text, text);

commit;
