begin;

do $$
begin
    assert pg_catalog.has_function_privilege('staff', 'api.order_deliver(bigint)', 'execute');
    assert not pg_catalog.has_function_privilege('anon', 'api.order_deliver(bigint)', 'execute');
end
$$;

rollback;
