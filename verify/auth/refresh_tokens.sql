begin;

select token_hash, session_id, created_at, expires_at, used_at
from auth.refresh_tokens
where false;

rollback;
