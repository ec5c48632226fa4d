begin;

drop function penstock.delivery_fail(bigint, text, integer, text, interval);

commit;
