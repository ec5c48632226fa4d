begin;

select rule, object, message
from penstock.lint_tables
where false;

rollback;
