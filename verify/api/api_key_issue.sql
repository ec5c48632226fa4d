begin;

do $$
begin
    assert pg_catalog.has_function_privilege('member', 'api.api_key_issue(text, app.user_role, integer, timestamptz)', 'execute');
    assert not pg_catalog.has_function_privilege('anon', 'api.api_key_issue(text, app.user_role, integer, timestamptz)', 'execute');
end
$$;

rollback;
