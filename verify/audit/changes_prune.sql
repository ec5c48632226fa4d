begin;

do $$
begin
    assert pg_catalog.has_function_privilege('penstock_owner', 'audit.changes_prune(timestamptz)', 'execute');
    assert not pg_catalog.has_function_privilege('admin', 'audit.changes_prune(timestamptz)', 'execute');
end
$$;

rollback;
