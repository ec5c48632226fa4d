begin;

drop function penstock.long_call_end(uuid, integer, json);

commit;
