begin;

do $$
begin
    assert 4 = (
        select count(*)
        from pg_catalog.pg_trigger as t
        where t.tgrelid = 'app.products'::regclass
            and t.tgfoid = 'audit.record_app_products()'::regprocedure
    );
end
$$;

rollback;
