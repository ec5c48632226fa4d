begin;

drop function penstock.rate_prune();

commit;
