begin;

do $$
begin
    assert pg_catalog.has_function_privilege(
        'staff',
        'api.import_list(api.page_size, jsonb)',
        'execute'
    );
end
$$;

rollback;
