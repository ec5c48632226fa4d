begin;

select order_id, line_no, product_id, quantity, unit_price
from app.order_lines
where false;

rollback;
