begin;

do $$
begin
    assert (
        select c.relrowsecurity and c.relforcerowsecurity
        from pg_catalog.pg_class as c
        where c.oid = 'penstock.rate_limits'::regclass
    );
    assert 2 = (
        select count(*)
        from pg_catalog.pg_policy as p
        where p.polrelid = 'penstock.rate_limits'::regclass
    );
end
$$;

rollback;
