begin;

drop function auth.attempt_return(bigint, timestamptz);

commit;
