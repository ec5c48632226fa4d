begin;

do $$
begin
    assert pg_catalog.has_function_privilege('member', 'api.post_write(app.title, app.body)', 'execute');
    assert not pg_catalog.has_function_privilege('anon', 'api.post_write(app.title, app.body)', 'execute');
end
$$;

rollback;
