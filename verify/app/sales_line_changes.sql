begin;

select order_id, product_id, lines, units, revenue
from app.sales_line_changes
where false;

rollback;
