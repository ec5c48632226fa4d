begin;

drop function penstock.settle();

commit;
