begin;

do $$
begin
    assert pg_catalog.has_function_privilege('anon', 'api.user_list_with_posts(api.page_size, jsonb, api.page_size)', 'execute');
end
$$;

rollback;
