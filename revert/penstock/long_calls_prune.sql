begin;

drop function penstock.long_calls_prune();

commit;
