begin;

select user_id, password_hash, changed_at
from auth.credentials
where false;

rollback;
