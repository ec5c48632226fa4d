begin;

select product_id, block, units, revenue, ceiling
from app.sales_blocks
where false;

rollback;
