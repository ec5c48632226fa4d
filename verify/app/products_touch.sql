begin;

do $$
begin
    assert 5 = (
        select count(*)
        from pg_catalog.pg_trigger as t
        where t.tgrelid = 'app.products'::regclass
            and t.tgfoid = 'penstock.touch_app_products()'::regprocedure
    );
end
$$;

rollback;
