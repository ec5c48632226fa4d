begin;

do $$
begin
    assert (
        select c.relrowsecurity and c.relforcerowsecurity
        from pg_catalog.pg_class as c
        where c.oid = 'app.import_rejects'::regclass
    );
    assert 3 = (
        select count(*)
        from pg_catalog.pg_policy as p
        where p.polrelid = 'app.import_rejects'::regclass
    );
end
$$;

rollback;
