begin;

select id, role, subject, request, lines, done, state, status, body, begun_at, ended_at
from penstock.long_calls
where false;

rollback;
