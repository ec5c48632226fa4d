begin;

do $$
begin
    assert pg_catalog.has_function_privilege('staff', 'api.import_get(bigint)', 'execute');
end
$$;

rollback;
