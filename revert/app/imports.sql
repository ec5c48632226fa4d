begin;

drop table app.imports;

commit;
