begin;

select rule, object, message
from penstock.lint_functions
where false;

rollback;
