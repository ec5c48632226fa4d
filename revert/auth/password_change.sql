begin;

drop function auth.password_change(bigint, uuid, api.password, timestamptz, bytea);

commit;
