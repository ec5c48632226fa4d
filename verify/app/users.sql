begin;

select id, email, username, full_name, role, is_active, created_at, updated_at
from app.users
where false;

rollback;
