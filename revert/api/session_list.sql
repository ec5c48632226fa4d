begin;

drop function api.session_list();

commit;
