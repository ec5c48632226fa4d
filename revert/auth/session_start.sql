begin;

drop function auth.session_start(bigint);

commit;
