begin;

drop table auth.api_keys;

commit;
