begin;

do $$
begin
    assert pg_catalog.has_function_privilege('admin', 'api.user_delete(bigint)', 'execute');
    assert not pg_catalog.has_function_privilege('anon', 'api.user_delete(bigint)', 'execute');
end
$$;

rollback;
