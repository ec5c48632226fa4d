begin;

do $$
begin
    assert pg_catalog.has_function_privilege(
        'admin',
        'api.audit_list(api.page_size, jsonb, text, jsonb, text, timestamptz, timestamptz)',
        'execute'
    );
    assert not pg_catalog.has_function_privilege(
        'member',
        'api.audit_list(api.page_size, jsonb, text, jsonb, text, timestamptz, timestamptz)',
        'execute'
    );
end
$$;

rollback;
