begin;

drop function penstock.idempotency_begin(text, text, integer);

commit;
