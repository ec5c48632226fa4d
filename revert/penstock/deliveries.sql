begin;

drop table penstock.deliveries;

commit;
