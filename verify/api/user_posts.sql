begin;

do $$
begin
    assert pg_catalog.has_function_privilege('anon', 'api.user_posts(bigint, api.page_size, jsonb)', 'execute');
end
$$;

rollback;
