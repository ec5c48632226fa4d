begin;

drop view penstock.dead_letters;

commit;
