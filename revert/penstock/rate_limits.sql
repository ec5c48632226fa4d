begin;

drop table penstock.rate_limits;

commit;
