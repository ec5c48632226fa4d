begin;

do $$
begin
    assert pg_catalog.has_function_privilege('staff', 'api.dashboard_get(date, date)', 'execute');
end
$$;

rollback;
