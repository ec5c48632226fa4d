begin;

do $$
begin
    assert (
        select c.relrowsecurity and c.relforcerowsecurity
        from pg_catalog.pg_class as c
        where c.oid = 'audit.changes'::regclass
    );
    assert 4 = (
        select count(*)
        from pg_catalog.pg_policy as p
        where p.polrelid = 'audit.changes'::regclass
    );
    assert not pg_catalog.has_table_privilege('penstock_auditor', 'audit.changes', 'update, truncate');
end
$$;

rollback;
