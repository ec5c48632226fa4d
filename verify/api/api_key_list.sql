begin;

do $$
begin
    assert pg_catalog.has_function_privilege('member', 'api.api_key_list()', 'execute');
    assert not pg_catalog.has_function_privilege('anon', 'api.api_key_list()', 'execute');
end
$$;

rollback;
