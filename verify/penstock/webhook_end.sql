begin;

do $$
begin
    assert has_function_privilege('penstock_agent', 'penstock.webhook_end(text, text)', 'execute');
end
$$;

rollback;
