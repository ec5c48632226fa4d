begin;

do $$
begin
    assert pg_catalog.has_function_privilege(
        'penstock_clerk',
        'app.customer_find(integer[])',
        'execute'
    );
end
$$;

rollback;
