begin;

do $$
begin
    assert has_function_privilege('penstock_agent', 'penstock.rate_take(uuid[], integer[], integer[])', 'execute');
end
$$;

rollback;
