begin;

do $$
begin
    assert pg_catalog.has_function_privilege('staff', 'app.sales_top(date, date, app.sales_pending[])', 'execute');
end
$$;

rollback;
