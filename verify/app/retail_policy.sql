begin;

do $$
begin
    assert 4 = (
        select count(*)
        from pg_catalog.pg_policy as p
        where (p.polrelid, p.polname) in (
            ('app.users'::regclass, 'users_clerk_retail'),
            ('app.orders'::regclass, 'orders_clerk_retail'),
            ('app.orders'::regclass, 'orders_clerk_retail_add'),
            ('app.order_lines'::regclass, 'order_lines_clerk_retail')
        )
    );
end
$$;

rollback;
