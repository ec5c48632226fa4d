begin;

do $$
begin
    assert pg_catalog.has_function_privilege('staff', 'api.user_list(api.page_size, jsonb, boolean)', 'execute');
    assert not pg_catalog.has_function_privilege('anon', 'api.user_list(api.page_size, jsonb, boolean)', 'execute');
end
$$;

rollback;
