begin;

do $$
begin
    assert has_function_privilege('penstock_agent', 'penstock.idempotency_id(text, text)', 'execute');
end
$$;

rollback;
