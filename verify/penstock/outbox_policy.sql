begin;

do $$
begin
    assert (
        select c.relrowsecurity and c.relforcerowsecurity
        from pg_catalog.pg_class as c
        where c.oid = 'penstock.webhooks'::regclass
    );
    assert 2 = (
        select count(*)
        from pg_catalog.pg_policy as p
        where p.polrelid = 'penstock.webhooks'::regclass
    );
    assert (
        select c.relrowsecurity and c.relforcerowsecurity
        from pg_catalog.pg_class as c
        where c.oid = 'penstock.deliveries'::regclass
    );
    assert 2 = (
        select count(*)
        from pg_catalog.pg_policy as p
        where p.polrelid = 'penstock.deliveries'::regclass
    );
    assert (
        select c.relrowsecurity and c.relforcerowsecurity
        from pg_catalog.pg_class as c
        where c.oid = 'penstock.jobs'::regclass
    );
    assert 2 = (
        select count(*)
        from pg_catalog.pg_policy as p
        where p.polrelid = 'penstock.jobs'::regclass
    );
end
$$;

rollback;
