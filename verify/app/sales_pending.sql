begin;

select order_id, side, day, country, product_id, lines, units, revenue
from app.sales_pending
where false;

rollback;
