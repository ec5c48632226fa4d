begin;

do $$
begin
    assert pg_catalog.has_function_privilege('member', 'api.order_place(api.order_line_input[], app.country)', 'execute');
    assert not pg_catalog.has_function_privilege('anon', 'api.order_place(api.order_line_input[], app.country)', 'execute');
end
$$;

rollback;
