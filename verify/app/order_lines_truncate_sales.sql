begin;

do $$
begin
    assert 1 = (
        select count(*)
        from pg_catalog.pg_trigger as t
        where t.tgrelid = 'app.order_lines'::regclass
            and t.tgfoid = 'app.order_lines_truncate_sales()'::regprocedure
    );
end
$$;

rollback;
