begin;

select product_id, day, units, revenue
from app.sales_products
where false;

rollback;
