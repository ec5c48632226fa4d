begin;

do $$
begin
    assert (
        select c.relrowsecurity and c.relforcerowsecurity
        from pg_catalog.pg_class as c
        where c.oid = 'penstock.long_calls'::regclass
    );
    assert 4 = (
        select count(*)
        from pg_catalog.pg_policy as p
        where p.polrelid = 'penstock.long_calls'::regclass
    );
end
$$;

rollback;
