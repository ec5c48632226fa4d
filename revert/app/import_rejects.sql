begin;

drop table app.import_rejects;

commit;
