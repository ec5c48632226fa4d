begin;

select table_name, columns, ignored, secret, reason
from audit.tables
where false;

rollback;
