begin;

do $$
begin
    assert 2 = (
        select count(*)
        from pg_catalog.pg_trigger as t
        where t.tgrelid = 'app.orders'::regclass
            and t.tgfoid = 'app.orders_emit()'::regprocedure
    );
end
$$;

rollback;
