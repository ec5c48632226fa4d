begin;

drop type api.api_key;

commit;
