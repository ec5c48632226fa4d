begin;

do $$
begin
    assert pg_catalog.has_function_privilege(
        'staff',
        'app.dashboard_period(date, date)',
        'execute'
    );
end
$$;

rollback;
