begin;

do $$
begin
    assert pg_catalog.has_function_privilege('staff', 'api.product_delete(bigint)', 'execute');
    assert not pg_catalog.has_function_privilege('anon', 'api.product_delete(bigint)', 'execute');
end
$$;

rollback;
