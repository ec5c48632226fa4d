begin;

do $$
begin
    assert pg_catalog.has_function_privilege('staff', 'app.timestamp_read(text)', 'execute');
end
$$;

rollback;
