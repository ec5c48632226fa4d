begin;

drop function api.user_posts(bigint, api.page_size, jsonb);

commit;
