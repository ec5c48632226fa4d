begin;

do $$
begin
    assert pg_catalog.has_schema_privilege('penstock_auditor', 'audit', 'usage');
    assert not pg_catalog.has_schema_privilege('admin', 'audit', 'usage');
end
$$;

rollback;
