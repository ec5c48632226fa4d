begin;

drop table auth.refresh_tokens;

commit;
