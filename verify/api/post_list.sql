begin;

do $$
begin
    assert pg_catalog.has_function_privilege('anon', 'api.post_list(api.page_size, jsonb)', 'execute');
end
$$;

rollback;
