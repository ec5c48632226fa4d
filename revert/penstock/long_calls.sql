begin;

drop table penstock.long_calls;

commit;
