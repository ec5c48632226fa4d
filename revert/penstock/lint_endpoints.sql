begin;

drop view penstock.lint_endpoints;

commit;
