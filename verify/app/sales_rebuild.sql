begin;

do $$
begin
    assert pg_catalog.has_function_privilege('penstock_owner', 'app.sales_rebuild()', 'execute');
end
$$;

rollback;
