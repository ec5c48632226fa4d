begin;

do $$
begin
    assert pg_catalog.has_function_privilege('member', 'api.session_end(uuid)', 'execute');
    assert not pg_catalog.has_function_privilege('anon', 'api.session_end(uuid)', 'execute');
end
$$;

rollback;
