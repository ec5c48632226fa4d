begin;

select product_id, block, units, revenue
from app.sales_blocks
where false;

rollback;
