begin;

do $$
begin
    assert pg_catalog.has_function_privilege(
        'staff',
        'api.import_reject_list(bigint, app.reject_reason, api.page_size, jsonb)',
        'execute'
    );
end
$$;

rollback;
