begin;

drop type api.api_key_issued;

commit;
