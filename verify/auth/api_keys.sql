begin;

select id, user_id, name, role, key_hash, quota, created_at, expires_at, revoked_at
from auth.api_keys
where false;

rollback;
