begin;

drop function request.claims();

commit;
