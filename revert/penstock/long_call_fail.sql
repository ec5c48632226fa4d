begin;

drop function penstock.long_call_fail(uuid, integer, json);

commit;
