begin;

do $$
begin
    assert pg_catalog.has_function_privilege('admin', 'api.user_unlock(bigint)', 'execute');
    assert not pg_catalog.has_function_privilege('anon', 'api.user_unlock(bigint)', 'execute');
end
$$;

rollback;
