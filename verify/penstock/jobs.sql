begin;

select name, statement, every, role, timeout, due_at, last_run_at, last_seconds, last_error
from penstock.jobs
where false;

rollback;
