begin;

drop type api.import_reason;

commit;
