begin;

drop function api.post_list(api.page_size, jsonb);

commit;
