begin;

do $$
begin
    assert pg_catalog.has_function_privilege('penstock_clerk', 'app.sales_fold()', 'execute');
end
$$;

rollback;
