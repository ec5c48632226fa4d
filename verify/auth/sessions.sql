begin;

select id, user_id, role, agent, created_at, expires_at, ended_at
from auth.sessions
where false;

rollback;
