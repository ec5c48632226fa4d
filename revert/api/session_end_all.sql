begin;

drop function api.session_end_all();

commit;
