begin;

select rule, object, message
from penstock.lint
where false;

rollback;
