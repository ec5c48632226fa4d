begin;

select at, id, xid, login, role, subject, session, method, path, table_name, operation, key, before, after
from audit.changes
where false;

rollback;
