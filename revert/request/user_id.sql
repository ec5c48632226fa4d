begin;

drop function request.user_id();

commit;
