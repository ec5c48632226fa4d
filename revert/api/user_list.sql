begin;

drop function api.user_list(api.page_size, jsonb, boolean);

commit;
