begin;

do $$
begin
    assert (
        select c.relrowsecurity and c.relforcerowsecurity
        from pg_catalog.pg_class as c
        where c.oid = 'penstock.idempotency_keys'::regclass
    );
    assert 2 = (
        select count(*)
        from pg_catalog.pg_policy as p
        where p.polrelid = 'penstock.idempotency_keys'::regclass
    );
end
$$;

rollback;
