begin;

drop function auth.session_refresh(bytea, bytea, timestamptz);

commit;
