begin;

select day, orders, units, revenue
from app.sales_days
where false;

rollback;
