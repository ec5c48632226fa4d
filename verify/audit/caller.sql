begin;

do $$
begin
    assert pg_catalog.has_function_privilege('penstock_auditor', 'audit.caller()', 'execute');
end
$$;

rollback;
