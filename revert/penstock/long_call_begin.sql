begin;

drop function penstock.long_call_begin(uuid, text, bigint);

commit;
