begin;

drop function api.api_key_list();

commit;
