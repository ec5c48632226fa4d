begin;

drop function api.session_end(uuid);

commit;
