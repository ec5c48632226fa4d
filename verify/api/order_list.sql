begin;

do $$
begin
    assert pg_catalog.has_function_privilege('member', 'api.order_list(api.page_size, jsonb, app.order_status)', 'execute');
    assert not pg_catalog.has_function_privilege('anon', 'api.order_list(api.page_size, jsonb, app.order_status)', 'execute');
end
$$;

rollback;
