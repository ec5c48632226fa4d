begin;

select customer_id, country, first_order_on, last_order_on, orders, units, revenue, average_order
from report.customers
where false;

do $$
begin
    assert pg_catalog.has_table_privilege('reporter', 'report.customers', 'select');
    assert 'report_owner'::regrole = (
        select c.relowner from pg_catalog.pg_class as c where c.oid = 'report.customers'::regclass
    ), 'the policies for report_owner decide what the view shows';
end
$$;

rollback;
