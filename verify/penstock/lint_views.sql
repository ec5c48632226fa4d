begin;

select rule, object, message
from penstock.lint_views
where false;

rollback;
