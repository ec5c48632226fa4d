begin;

drop view penstock.lint_roles;

commit;
