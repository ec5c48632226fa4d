begin;

drop view penstock.routes;

commit;
