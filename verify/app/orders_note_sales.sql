begin;

do $$
begin
    assert 3 = (
        select count(*)
        from pg_catalog.pg_trigger as t
        where t.tgrelid = 'app.orders'::regclass
            and t.tgfoid = 'app.orders_note_sales()'::regprocedure
    );
end
$$;

rollback;
