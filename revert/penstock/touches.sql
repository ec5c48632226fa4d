begin;

drop table penstock.touches;

commit;
