begin;

select id, sku, name, description, price, stock, is_active, version, search, created_at, updated_at
from app.products
where false;

rollback;
