begin;

select rule, object, message
from penstock.lint_policies
where false;

rollback;
