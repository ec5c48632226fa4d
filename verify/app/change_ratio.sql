begin;

do $$
begin
    assert pg_catalog.has_function_privilege(
        'staff',
        'app.change_ratio(numeric, numeric)',
        'execute'
    );
end
$$;

rollback;
