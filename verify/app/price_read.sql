begin;

do $$
begin
    assert pg_catalog.has_function_privilege('staff', 'app.price_read(text)', 'execute');
end
$$;

rollback;
