begin;

drop function penstock.long_call_advance(uuid, bigint);

commit;
