begin;

drop type app.reject_reason;

commit;
