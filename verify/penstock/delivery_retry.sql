begin;

do $$
begin
    assert has_function_privilege('penstock_agent', 'penstock.delivery_retry(text, bigint)', 'execute');
end
$$;

rollback;
