begin;

do $$
begin
    assert pg_catalog.has_function_privilege('staff', 'app.retail_stage()', 'execute');
end
$$;

rollback;
