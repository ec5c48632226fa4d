begin;

drop type api.import_reject;

commit;
