begin;

do $$
begin
    assert pg_catalog.has_function_privilege('member', 'api.session_end_all()', 'execute');
    assert not pg_catalog.has_function_privilege('anon', 'api.session_end_all()', 'execute');
end
$$;

rollback;
