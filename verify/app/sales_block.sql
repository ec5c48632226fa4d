begin;

do $$
begin
    assert pg_catalog.has_function_privilege('staff', 'app.sales_block(date)', 'execute');
end
$$;

rollback;
