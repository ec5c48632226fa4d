begin;

do $$
begin
    assert pg_catalog.has_function_privilege('member', 'api.order_pay(bigint)', 'execute');
    assert not pg_catalog.has_function_privilege('anon', 'api.order_pay(bigint)', 'execute');
end
$$;

rollback;
