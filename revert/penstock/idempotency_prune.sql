begin;

drop function penstock.idempotency_prune();

commit;
