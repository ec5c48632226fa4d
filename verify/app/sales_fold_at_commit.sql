begin;

do $$
begin
    assert 2 = (
        select count(*)
        from pg_catalog.pg_trigger as t
        where t.tgfoid = 'app.sales_fold_at_commit()'::regprocedure
            and t.tginitdeferred
    );
end
$$;

rollback;
