begin;

drop table penstock.incarnation;

commit;
