begin;

drop function api.user_list_with_posts(api.page_size, jsonb, api.page_size);

commit;
