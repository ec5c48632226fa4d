begin;

do $$
begin
    assert pg_catalog.has_function_privilege('member', 'api.user_get(bigint)', 'execute');
    assert not pg_catalog.has_function_privilege('anon', 'api.user_get(bigint)', 'execute');
end
$$;

rollback;
