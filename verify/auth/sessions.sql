begin;

select id, user_id, role, created_at, ended_at
from auth.sessions
where false;

rollback;
