begin;

drop table app.analysts;

commit;
