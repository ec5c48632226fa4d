begin;

do $$
begin
    assert pg_catalog.has_function_privilege('admin', 'api.users_update()', 'execute');
    assert not pg_catalog.has_function_privilege('anon', 'api.users_update()', 'execute');
end
$$;

rollback;
