begin;

do $$
begin
    assert 7 = (
        select count(*)
        from pg_catalog.pg_class as c
        where c.relnamespace = 'app'::regnamespace
            and c.relname ~ '^sales_'
            and c.relkind = 'r'
            and c.relrowsecurity
            and c.relforcerowsecurity
    );
    assert 19 = (
        select count(*)
        from pg_catalog.pg_policy as p
        join pg_catalog.pg_class as c on c.oid = p.polrelid
        where c.relnamespace = 'app'::regnamespace
            and c.relname ~ '^sales_'
    );
end
$$;

rollback;
