begin;

do $$
begin
    assert exists (
        select
        from pg_catalog.pg_trigger as t
        where t.tgrelid = 'app.orders'::regclass
            and t.tgname = 'orders_return_stock'
            and t.tgfoid = 'app.orders_return_stock()'::regprocedure
    );
end
$$;

rollback;
