begin;

drop function auth.session_end(uuid, bytea);

commit;
