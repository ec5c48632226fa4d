begin;

do $$
begin
    assert pg_catalog.has_function_privilege('anon', 'api.product_list(api.page_size, jsonb, api.product_sort, app.search_text, app.money, app.money, boolean)', 'execute');
end
$$;

rollback;
