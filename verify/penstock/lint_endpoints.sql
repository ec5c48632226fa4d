begin;

select rule, object, message
from penstock.lint_endpoints
where false;

rollback;
