begin;

drop table app.orders;

commit;
