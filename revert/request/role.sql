begin;

drop function request.role();

commit;
