begin;

do $$
begin
    assert pg_catalog.has_function_privilege('member', 'api.session_list()', 'execute');
    assert not pg_catalog.has_function_privilege('anon', 'api.session_list()', 'execute');
end
$$;

rollback;
