begin;

drop view penstock.lint;

commit;
