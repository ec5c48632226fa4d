begin;

do $$
begin
    assert pg_catalog.has_function_privilege('member', 'api.post_edit(bigint, app.title, app.body)', 'execute');
    assert not pg_catalog.has_function_privilege('anon', 'api.post_edit(bigint, app.title, app.body)', 'execute');
end
$$;

rollback;
