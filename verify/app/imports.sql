begin;

select id, made_by, made_at, lines, loaded, unchanged, rejected, revenue,
    new_customers, new_products, new_orders
from app.imports
where false;

rollback;
