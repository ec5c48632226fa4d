begin;

drop function auth.session_start(bigint, bytea, bytea, text, timestamptz);

commit;
