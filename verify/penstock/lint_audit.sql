begin;

select rule, object, message
from penstock.lint_audit
where false;

rollback;
