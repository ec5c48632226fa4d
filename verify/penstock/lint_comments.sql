begin;

select rule, object, message
from penstock.lint_comments
where false;

rollback;
