begin;

drop view penstock.lint_policies;

commit;
