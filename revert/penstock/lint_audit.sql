begin;

drop view penstock.lint_audit;

commit;
