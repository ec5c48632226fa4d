begin;

select token_hash, user_id, used_at
from auth.devices
where false;

rollback;
