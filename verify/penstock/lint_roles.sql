begin;

select rule, object, message
from penstock.lint_roles
where false;

rollback;
