begin;

do $$
begin
    assert (
        select c.relrowsecurity and c.relforcerowsecurity
        from pg_catalog.pg_class as c
        where c.oid = 'penstock.events'::regclass
    );
    assert 4 <= (
        select count(*)
        from pg_catalog.pg_policy as p
        where p.polrelid = 'penstock.events'::regclass
    );
end
$$;

rollback;
