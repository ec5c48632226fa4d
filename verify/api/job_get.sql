begin;

do $$
begin
    assert pg_catalog.has_function_privilege('staff', 'api.job_get(uuid)', 'execute');
end
$$;

rollback;
