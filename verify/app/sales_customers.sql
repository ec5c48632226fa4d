begin;

select user_id, ordered_on, bought_on
from app.sales_customers
where false;

rollback;
