begin;

do $$
begin
    assert pg_catalog.has_function_privilege('anon', 'api.product_get(bigint)', 'execute');
end
$$;

rollback;
