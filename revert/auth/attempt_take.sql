begin;

drop function auth.attempt_take(bytea, bytea);

commit;
