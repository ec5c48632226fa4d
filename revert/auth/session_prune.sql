begin;

drop function auth.session_prune(timestamptz);

commit;
