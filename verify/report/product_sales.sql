begin;

select product_id, sku, product, day, country, orders, units, revenue
from report.product_sales
where false;

do $$
begin
    assert pg_catalog.has_table_privilege('reporter', 'report.product_sales', 'select');
    assert 'report_owner'::regrole = (
        select c.relowner from pg_catalog.pg_class as c where c.oid = 'report.product_sales'::regclass
    ), 'the policies for report_owner decide what the view shows';
end
$$;

rollback;
