begin;

drop function penstock.rate_take(uuid[], integer[], integer[]);

commit;
