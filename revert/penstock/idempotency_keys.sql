begin;

drop table penstock.idempotency_keys;

commit;
