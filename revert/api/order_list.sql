begin;

drop function api.order_list(api.page_size, jsonb, app.order_status);

commit;
