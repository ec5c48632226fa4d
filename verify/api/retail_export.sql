begin;

do $$
begin
    assert pg_catalog.has_function_privilege('staff', 'api.retail_export()', 'execute');
end
$$;

rollback;
