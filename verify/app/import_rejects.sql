begin;

select import_id, line, reason, problem, raw
from app.import_rejects
where false;

rollback;
