begin;

do $$
begin
    assert pg_catalog.has_function_privilege('member', 'api.user_update(bigint, app.email, app.username, app.full_name, app.user_role)', 'execute');
    assert not pg_catalog.has_function_privilege('anon', 'api.user_update(bigint, app.email, app.username, app.full_name, app.user_role)', 'execute');
end
$$;

rollback;
