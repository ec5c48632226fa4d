begin;

drop function penstock.long_call_find(uuid);

commit;
