begin;

do $$
begin
    assert exists (
        select
        from pg_catalog.pg_trigger as t
        where t.tgrelid = 'app.orders'::regclass
            and t.tgname = 'orders_status_moves_forward'
            and t.tgfoid = 'app.orders_status_moves_forward()'::regprocedure
    );
end
$$;

rollback;
