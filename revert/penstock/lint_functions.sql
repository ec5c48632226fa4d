begin;

drop view penstock.lint_functions;

commit;
