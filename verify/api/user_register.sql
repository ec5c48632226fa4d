begin;

do $$
begin
    assert pg_catalog.has_function_privilege('anon', 'api.user_register(app.email, app.username, api.password, app.full_name)', 'execute');
end
$$;

rollback;
