begin;

drop function auth.caller_is(bigint, uuid);

commit;
