begin;

select day, country, orders, units, revenue
from report.sales_by_day
where false;

do $$
begin
    assert pg_catalog.has_table_privilege('reporter', 'report.sales_by_day', 'select');
    assert 'report_owner'::regrole = (
        select c.relowner from pg_catalog.pg_class as c where c.oid = 'report.sales_by_day'::regclass
    ), 'the policies for report_owner decide what the view shows';
end
$$;

rollback;
