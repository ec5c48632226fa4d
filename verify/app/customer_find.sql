begin;

do $$
begin
    assert pg_catalog.has_function_privilege(
        'staff',
        'app.customer_find(integer[])',
        'execute'
    );
end
$$;

rollback;
