begin;

drop function api.product_list(api.page_size, jsonb, api.product_sort, app.search_text, app.money, app.money, boolean);

commit;
