begin;

do $$
begin
    assert has_function_privilege('penstock_agent', 'penstock.delivery_fail(bigint, text, integer, text, interval)', 'execute');
end
$$;

rollback;
