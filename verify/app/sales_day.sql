begin;

do $$
begin
    assert pg_catalog.has_function_privilege('staff', 'app.sales_day(app.order_status, timestamptz)', 'execute');
end
$$;

rollback;
