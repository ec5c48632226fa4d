begin;

do $$
begin
    assert pg_catalog.has_function_privilege('admin', 'api.user_deactivate(bigint)', 'execute');
    assert not pg_catalog.has_function_privilege('anon', 'api.user_deactivate(bigint)', 'execute');
end
$$;

rollback;
