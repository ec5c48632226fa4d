begin;

do $$
begin
    assert pg_catalog.has_function_privilege('staff', 'app.sales_top(date, date, app.sales_products[])', 'execute');
end
$$;

rollback;
