begin;

do $$
begin
    assert pg_catalog.has_function_privilege(
        'penstock_clerk',
        'app.search_query(text)',
        'execute'
    );
end
$$;

rollback;
