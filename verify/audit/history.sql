begin;

select at, id, xid, login, role, subject, request, table_name, operation, key, column_name, before, after
from audit.history
where false;

rollback;
