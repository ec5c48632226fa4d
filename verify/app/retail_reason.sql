begin;

do $$
begin
    assert pg_catalog.has_function_privilege(
        'staff',
        'app.retail_reason(text, text, text, text, text, text, text, text)',
        'execute'
    );
end
$$;

rollback;
