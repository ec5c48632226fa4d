begin;

select id, user_id, status, country, total, placed_at, updated_at, source_invoice
from app.orders
where false;

rollback;
