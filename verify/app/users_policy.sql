begin;

do $$
begin
    assert (
        select c.relrowsecurity and c.relforcerowsecurity
        from pg_catalog.pg_class as c
        where c.oid = 'app.users'::regclass
    );
    assert 11 <= (
        select count(*)
        from pg_catalog.pg_policy as p
        where p.polrelid = 'app.users'::regclass
    );
end
$$;

rollback;
