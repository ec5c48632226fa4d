begin;

do $$
begin
    assert pg_catalog.has_function_privilege('staff', 'app.field_read(text)', 'execute');
end
$$;

rollback;
