begin;

drop function audit.caller();

commit;
