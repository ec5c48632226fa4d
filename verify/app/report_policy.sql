begin;

do $$
begin
    assert 3 = (
        select count(*)
        from pg_catalog.pg_policy as p
        where p.polroles = array['report_owner'::regrole::oid]
            and p.polrelid in (
                'app.orders'::regclass, 'app.order_lines'::regclass, 'app.products'::regclass
            )
    );
    assert not pg_catalog.has_any_column_privilege('report_owner', 'app.users', 'select');
end
$$;

rollback;
