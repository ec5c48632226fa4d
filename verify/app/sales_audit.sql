begin;

do $$
begin
    assert 7 = (
        select count(*)
        from audit.tables as t
        where t.table_name like 'app.sales\_%'
            and t.reason is not null
    );
end
$$;

rollback;
