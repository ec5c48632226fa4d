begin;

select id, order_id, user_id, side, day, country
from app.sales_moves
where false;

rollback;
