begin;

do $$
begin
    assert 4 = (
        select count(*)
        from audit.tables as t
        where t.table_name in ('penstock.events', 'penstock.webhooks', 'penstock.deliveries', 'penstock.jobs')
    );
end
$$;

rollback;
