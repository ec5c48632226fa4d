begin;

do $$
begin
    assert (
        select c.relrowsecurity and c.relforcerowsecurity
        from pg_catalog.pg_class as c
        where c.oid = 'audit.tables'::regclass
    );
    assert 2 = (
        select count(*)
        from pg_catalog.pg_policy as p
        where p.polrelid = 'audit.tables'::regclass
    );
end
$$;

rollback;
